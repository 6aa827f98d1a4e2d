"""Outcomes: what came of a message is written down once, by the worker that still holds its claim, or by whoever knows better later."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from base import audit
from base.db import Tx
from channels.contract import Accepted, AddressEffect, Outbound, Refused, TryAgain, Unconfirmed
from compliance.acts import release_act
from compliance.optouts import record_opt_out
from compliance.rules import Objection
from debts.addresses import record_deliverability
from inbox.notices import notify
from inbox.states import State, advance
from inbox.timeline import NewEntry, Thread, append, lock_message, touch_sharers

_RETRY_SECONDS = (1, 2, 5, 10, 30, 60)

Outcome = Accepted | Refused | TryAgain | Unconfirmed


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this worker alone may deliver, while the fencing `token` is the message's newest."""

    message_id: UUID
    debtor_id: UUID
    token: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed message that the gate let through: its call was written down as begun."""

    outbound: Outbound
    attempt: int
    adapter: str


async def record_outcome(tx: Tx, one: Claim, ready: Ready, outcome: Outcome) -> None:
    """Write down what the carrier answered; only the worker that still holds the claim may."""
    thread = await lock_message(tx, one.message_id)
    one = replace(one, debtor_id=thread.debtor_id)
    match outcome:
        case Accepted():
            await _accepted(tx, one, ready, outcome)
        case TryAgain():
            await _again(tx, one, ready, outcome)
        case Refused():
            await _refused(tx, thread, one, outcome)
        case Unconfirmed():
            await mark_unconfirmed(tx, one.message_id, one.debtor_id, one.token)
    tx.changed(thread.topic)


async def _accepted(tx: Tx, one: Claim, ready: Ready, accepted: Accepted) -> None:
    held = await tx.run(
        "update message set carrier_id = coalesce(carrier_id, :carrier_id), adapter = :adapter, segments = coalesce(cast(:segments as integer), segments)"
        " where org_id = :org and id = :id and token = :token",
        id=one.message_id,
        token=one.token,
        carrier_id=accepted.external_id,
        adapter=ready.adapter,
        segments=accepted.segments,
    )
    await advance(tx, one.message_id, State.SENT, token=one.token)
    action = "message.accepted" if held else "message.accepted_without_claim"
    await audit.record(tx, "system:delivery", action, one.debtor_id, message=one.message_id, carrier_id=accepted.external_id)


async def _again(tx: Tx, one: Claim, ready: Ready, failure: TryAgain) -> None:
    """Certainly not accepted: back into the outbox, for later."""
    wait = max(failure.after, _RETRY_SECONDS[min(ready.attempt, len(_RETRY_SECONDS)) - 1])
    back = await tx.run(
        "update message set attempt_at = null, lease_until = null, retry_at = clock_timestamp() + make_interval(secs => :wait)"
        " where org_id = :org and id = :id and token = :token and state = 'queued'",
        id=one.message_id,
        token=one.token,
        wait=wait,
    )
    if back:
        await audit.record(
            tx, "system:delivery", "message.postponed", one.debtor_id, message=one.message_id, attempt=ready.attempt, reason=str(failure)
        )


async def _refused(tx: Tx, thread: Thread, one: Claim, refused: Refused) -> None:
    if await advance(tx, one.message_id, State.FAILED, token=one.token, code=refused.error.code, reason=refused.error.reason) is None:
        return
    await release_act(tx, one.message_id)
    await audit.record(tx, "system:delivery", "message.failed", one.debtor_id, message=one.message_id, code=refused.error.code)
    await tell_writer(tx, one.message_id)
    await heed_effect(tx, thread, one.message_id, refused.error.effect)


async def tell_writer(tx: Tx, message: UUID, kind: str = "failed") -> None:
    """Whoever wrote a message should know that it did not arrive, or that nobody knows, wherever they are by now."""
    row = await tx.row("select agent_id, conversation_id from message where org_id = :org and id = :id", id=message)
    if row is not None and row.agent_id is not None:
        await notify(tx, row.agent_id, kind, row.conversation_id, entry=message)


async def mark_unconfirmed(tx: Tx, message: UUID, debtor: UUID, token: int) -> None:
    """The call may have been accepted: say so, and never send again."""
    if await advance(tx, message, State.UNCONFIRMED, token=token) is not None:
        await audit.record(tx, "system:delivery", "message.unconfirmed", debtor, message=message)


async def heed_effect(tx: Tx, thread: Thread, message: UUID, effect: AddressEffect) -> None:
    """What a carrier's error says of the address; an opt-out is written into the timeline."""
    if effect is AddressEffect.NONE:
        return
    row = await tx.row("select address_id, channel from message where org_id = :org and id = :id", id=message)
    if row is None:
        return
    if effect is not AddressEffect.OPTED_OUT:
        if await record_deliverability(tx, row.address_id, effect.value):
            await touch_sharers(tx, row.address_id)
    elif await record_opt_out(tx, row.address_id, "carrier", entry=message):
        await append(tx, thread, NewEntry(kind="event", channel=row.channel, detail={"event": "opted_out"}))
        await audit.record(tx, "system:opt-out", "address.opted_out", thread.debtor_id, address=row.address_id, entry=message)
        await touch_sharers(tx, row.address_id, but=thread.conversation_id)


async def withhold(tx: Tx, thread: Thread, message: UUID, objection: Objection, *, actor: str, token: int | None = None) -> bool:
    """The gate says no before the call: the message stays here, with the sentence and its variables for every reader's language.

    Returns whether it was withheld: with `token`, only by the worker that holds its claim.
    """
    if await advance(tx, message, State.WITHHELD, token=token, code=objection.rule, reason=objection.sentence) is None:
        return False
    await tx.run(
        "update entry set detail = detail || cast(:detail as jsonb) where org_id = :org and id = :id",
        id=message,
        detail=audit.canonical({"variables": dict(objection.variables)}),
    )
    tx.changed(thread.topic)
    await release_act(tx, message)
    await audit.record(tx, actor, "message.withheld", thread.debtor_id, message=message, rule=objection.rule)
    await tell_writer(tx, message)
    return True
