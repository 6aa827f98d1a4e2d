"""Receipts: a carrier's later words on our messages. Each is kept; states only rise."""

from __future__ import annotations

import hashlib
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import NotFound, Raced
from base.ids import new_id
from channels.contract import AddressEffect, Receipt, ReceiptState
from debts.addresses import record_deliverability
from inbox.outcomes import heed_effect, tell_writer
from inbox.states import State, advance
from inbox.timeline import Thread, lock_thread, touch_sharers

_STATES = {
    ReceiptState.SENT: State.SENT,
    ReceiptState.FAILED: State.FAILED,
    ReceiptState.DELIVERED: State.DELIVERED,
    ReceiptState.READ: State.READ,
}
# An index cannot hold more of a word that nobody knows.
_LONGEST_WORD = 100


async def record_receipt(tx: Tx, message: UUID, receipt: Receipt, raw: bytes) -> bool:
    """Record one receipt for one of our messages; returns whether it was news. Raises `NotFound` for a message that is not ours."""
    row = await tx.row("select debtor_id, address_id from message where org_id = :org and id = :id and direction = 'out'", id=message)
    if row is None:
        raise NotFound("There is no such message.")
    thread = await lock_thread(tx, row.debtor_id)
    if not await _is_first(tx, message, receipt, raw):
        return False
    held = await tx.run(
        "update message set carrier_id = coalesce(carrier_id, :carrier_id), adapter = :adapter where org_id = :org and id = :id"
        " and debtor_id = :debtor",
        id=message,
        debtor=thread.debtor_id,
        carrier_id=receipt.external_id,
        adapter=receipt.adapter,
    )
    if not held:
        raise Raced("This message moved to another timeline at the same moment.")
    await audit.record(
        tx,
        f"carrier:{receipt.adapter}",
        "message.receipt",
        thread.debtor_id,
        message=message,
        word=receipt.carrier_word[:_LONGEST_WORD],
        carrier_id=receipt.external_id,
        code=_code(receipt),
    )
    # Whatever its word, it proves that the carrier took the message.
    await _rise(tx, thread, message, row.address_id, receipt, receipt.state or ReceiptState.SENT)
    return True


async def _is_first(tx: Tx, message: UUID, receipt: Receipt, raw: bytes) -> bool:
    return bool(
        await tx.run(
            "insert into carrier_event (org_id, id, adapter, account, kind, external_id, state, entry_id, body_hash, at)"
            " values (:org, :id, :adapter, :account, 'receipt', :external_id, :state, :message, :hash, :now)"
            " on conflict (org_id, adapter, account, kind, external_id, state) do nothing",
            id=new_id(),
            adapter=receipt.adapter,
            account=receipt.account,
            external_id=receipt.external_id,
            state=receipt.carrier_word[:_LONGEST_WORD],
            message=message,
            hash=hashlib.sha256(raw).digest(),
        )
    )


async def _rise(tx: Tx, thread: Thread, message: UUID, address: UUID, receipt: Receipt, state: ReceiptState) -> None:
    error = receipt.error if state is ReceiptState.FAILED else None
    risen = await advance(tx, message, _STATES[state], code=error.code if error else None, reason=error.reason if error else None)
    if risen is not None:
        tx.changed(thread.topic)
        if error is not None:
            await tell_writer(tx, message)
    if state in (ReceiptState.DELIVERED, ReceiptState.READ):
        if await record_deliverability(tx, address, "good"):
            await touch_sharers(tx, address)
    elif error is not None and error.effect is not AddressEffect.NONE and risen is not None:
        await heed_effect(tx, thread, message, error.effect)


def _code(receipt: Receipt) -> str | None:
    return receipt.error.code if receipt.error else None
