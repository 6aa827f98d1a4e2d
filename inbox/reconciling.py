"""Reconciling with a carrier's own message list: it finds words that never reached our door, and settles messages that are unconfirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from base import audit
from base.errors import Raced, Unavailable
from base.log import log
from channels.contract import Adapter, Inbound, Listed, Media, ReceiptState, SendFailed
from channels.phones import match_key
from inbox.originals import LISTING, quarantine
from inbox.outcomes import heed_effect, tell_writer
from inbox.product import Product
from inbox.receiving import receive
from inbox.states import State, advance
from inbox.timeline import lock_message

_FIRST_LOOK_BACK = timedelta(hours=24)
_OVERLAP = timedelta(minutes=10)
_LET_THE_WEBHOOK_COME = timedelta(seconds=20)
_CLOCKS_DIFFER = timedelta(seconds=10)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_CALL_LASTS = timedelta(seconds=60)
_AFTER = {
    None: State.SENT,
    ReceiptState.SENT: State.SENT,
    ReceiptState.FAILED: State.FAILED,
    ReceiptState.DELIVERED: State.DELIVERED,
    ReceiptState.READ: State.READ,
}


async def reconcile(product: Product, adapter: Adapter, *, let_come: timedelta = _LET_THE_WEBHOOK_COME) -> tuple[int, int]:
    """Walk the carrier's list once; returns (words found that never arrived, messages settled whose end was unknown).

    Rows younger than `let_come` are left to their webhooks. A walk that breaks off, or that could not record what it found, is walked again.
    """
    began = datetime.now(UTC)
    pending = await _unconfirmed(product, adapter)
    since = await _since(product, adapter, pending)
    ripe: dict[str, Listed] = {}
    try:
        async for listed in adapter.listing(since):
            if listed.created_at is None or since <= listed.created_at <= began - let_come:
                # New rows push old ones to the next page: a row may come twice.
                ripe[listed.external_id] = listed
    except SendFailed as failure:
        log.warning("reconcile.broken_off", adapter=adapter.name, reason=str(failure))
        return 0, 0
    found, whole = await _receive_missing(product, adapter, [listed for listed in ripe.values() if listed.inbound])
    ours = [listed for listed in ripe.values() if not listed.inbound]
    settled = await _settle(product, adapter, pending, ours) + await _catch_up(product, adapter, ours)
    if whole:
        await _remember(product, adapter, began)
    return found, settled


async def _remember(product: Product, adapter: Adapter, began: datetime) -> None:
    async with product.work() as tx:
        await tx.run(
            "insert into carrier_walk (org_id, adapter, until) values (:org, :adapter, :until)"
            " on conflict (org_id, adapter) do update set until = greatest(carrier_walk.until, excluded.until)",
            adapter=adapter.name,
            until=began,
        )


async def _unconfirmed(product: Product, adapter: Adapter) -> Sequence[Any]:
    """Messages that the carrier may still be asked about: what it did not list within two hours, only a late receipt or a person can settle."""
    async with product.work() as tx:
        return await tx.rows(
            "select m.id, m.debtor_id, m.channel, m.attempt_at, m.token, e.text, l.id as link_id, l.dialable_sealed, k.key_name, k.wrapped from message m"
            " join entry e on e.org_id = m.org_id and e.id = m.id"
            " join address_link l on l.org_id = m.org_id and l.address_id = m.address_id and l.debtor_id = m.debtor_id"
            " join person_key k on k.org_id = m.org_id and k.person_id = m.debtor_id"
            " where m.org_id = :org and m.state = 'unconfirmed' and k.wrapped is not null and m.attempt_at > clock_timestamp() - interval '2 hours'"
            " order by m.attempt_at limit 200"
        )


async def give_up(product: Product) -> int:
    """Tell the writers, once, of messages that no list will settle any more: only a person can find out. Returns how many."""
    lost = (
        "select m.id from message m where m.org_id = :org and m.state = 'unconfirmed' and m.ruling is null and m.agent_id is not null"
        " and m.attempt_at between clock_timestamp() - interval '1 day' and clock_timestamp() - interval '2 hours'"
        " and not exists (select from notice n where n.org_id = m.org_id and n.agent_id = m.agent_id and n.kind = 'unconfirmed'"
        " and n.conversation_id = m.conversation_id and n.entry_id = m.id and n.done_at is null)"
    )
    async with product.work() as tx:
        rows = await tx.rows(lost + " order by m.attempt_at limit 200")
    for row in rows:
        async with product.work() as tx:
            await lock_message(tx, row.id)
            if await tx.value(lost + " and m.id = :id", id=row.id) is not None:
                await tell_writer(tx, row.id, "unconfirmed")
    return len(rows)


async def _since(product: Product, adapter: Adapter, pending: Sequence[Any]) -> datetime:
    async with product.work() as tx:
        until: datetime | None = await tx.value(
            "select until from carrier_walk where org_id = :org and adapter = :adapter", adapter=adapter.name
        )
    since = until - _OVERLAP if until else datetime.now(UTC) - _FIRST_LOOK_BACK
    begun: list[datetime] = [row.attempt_at - _CLOCKS_DIFFER for row in pending]
    return min([since, *begun])


async def _receive_missing(product: Product, adapter: Adapter, listed: list[Listed]) -> tuple[int, bool]:
    """How many words were found, and whether all of them are kept: what cannot be recorded goes into quarantine, as at the door."""
    found, whole = 0, True
    for one in reversed(await _unknown(product, adapter, listed)):
        try:
            found += await _receive_one(product, adapter, one)
        except (Raced, Unavailable, SendFailed) as error:
            whole = False
            log.warning("reconcile.not_received", adapter=adapter.name, carrier_id=one.external_id, reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - the edge of one word: it must neither be lost nor keep the others waiting
            log.exception("reconcile.not_recorded", adapter=adapter.name, carrier_id=one.external_id)
            async with product.work() as tx:
                await quarantine(tx, f"{adapter.name}/list", _as_bytes(one), f"could not be recorded: {type(error).__name__}")
    return found, whole


async def _receive_one(product: Product, adapter: Adapter, one: Listed) -> int:
    media = await adapter.media_of(one.external_id) if one.media_count else ()
    async with product.work() as tx:
        entry = await receive(tx, _as_inbound(adapter, one, media), _as_bytes(one), told_by=LISTING)
        if entry is None:
            return 0
        await audit.record(tx, "system:reconciling", "message.found", None, entry=entry, event=one.external_id)
        return 1


def _as_bytes(one: Listed) -> bytes:
    """A row of the list as JSON, kept where a webhook's body would be."""
    return audit.canonical(asdict(one)).encode()


async def _unknown(product: Product, adapter: Adapter, listed: list[Listed]) -> list[Listed]:
    """Those of a list that we have not heard of by any door."""
    async with product.work() as tx:
        rows = await tx.rows(
            "select external_id from carrier_event where org_id = :org and adapter = :adapter and account = :account and kind = 'inbound'"
            " and external_id = any(:ids)",
            adapter=adapter.name,
            account=adapter.account,
            ids=[one.external_id for one in listed],
        )
    known = {row.external_id for row in rows}
    return [one for one in listed if one.external_id not in known]


def _as_inbound(adapter: Adapter, one: Listed, media: tuple[Media, ...]) -> Inbound:
    return Inbound(
        adapter=adapter.name,
        account=adapter.account,
        external_id=one.external_id,
        channel=one.channel,
        sender=one.sender,
        recipient=one.recipient,
        text=one.text,
        media=media,
        carrier_at=one.created_at,
    )


async def _settle(product: Product, adapter: Adapter, pending: Sequence[Any], listed: list[Listed]) -> int:
    """Pair each unconfirmed message with the oldest row of the same recipient, text and minute that is nobody's yet.

    Where fewer rows than messages look alike, nobody can tell which one arrived: they stay for a receipt or a person to settle.
    """
    free = await _nobodys(product, adapter, listed)
    waiting = [(row, _recipient(product, row)) for row in pending]
    settled = 0
    while waiting:
        (row, to), *waiting = waiting
        alike = [one for one in free if _is_the_call(one, row, to)]
        rivals = [rival for rival, recipient in waiting if any(_is_the_call(one, rival, recipient) for one in alike)]
        if len(alike) > len(rivals):
            free.remove(alike[0])
            settled += await _record_settled(product, adapter, row, alike[0])
        else:
            waiting = [other for other in waiting if other[0] not in rivals]
    return settled


def _recipient(product: Product, row: Any) -> str:  # noqa: ANN401 - a row
    person = product.db.cipher.person(product.db.org, row.debtor_id, row.key_name, row.wrapped)
    return match_key(person.open("address_link", row.link_id, "dialable", bytes(row.dialable_sealed)))


async def _catch_up(product: Product, adapter: Adapter, listed: list[Listed]) -> int:
    """Messages whose last receipts never came: the list knows what became of them."""
    ended = {one.external_id: one for one in listed if _AFTER[one.state] is not State.SENT}
    async with product.work() as tx:
        rows = await tx.rows(
            "select id, debtor_id, carrier_id from message where org_id = :org and adapter = :adapter and carrier_id = any(:ids) and state = 'sent'",
            adapter=adapter.name,
            ids=list(ended),
        )
    return sum([await _record_settled(product, adapter, row, ended[row.carrier_id]) for row in rows])


async def _nobodys(product: Product, adapter: Adapter, listed: list[Listed]) -> list[Listed]:
    async with product.work() as tx:
        rows = await tx.rows(
            "select carrier_id from message where org_id = :org and adapter = :adapter and carrier_id = any(:ids)",
            adapter=adapter.name,
            ids=[one.external_id for one in listed],
        )
    known = {row.carrier_id for row in rows}
    return sorted((one for one in listed if one.external_id not in known and one.created_at), key=lambda one: one.created_at or _LONG_AGO)


def _is_the_call(one: Listed, row: Any, to: str) -> bool:  # noqa: ANN401 - a row
    if one.created_at is None or one.channel.value != row.channel or match_key(one.recipient) != to or one.text.strip() != row.text.strip():
        return False
    return bool(row.attempt_at - _CLOCKS_DIFFER <= one.created_at <= row.attempt_at + _CALL_LASTS)


async def _record_settled(product: Product, adapter: Adapter, row: Any, match: Listed) -> int:  # noqa: ANN401 - a row
    async with product.work() as tx:
        thread = await lock_message(tx, row.id)
        await tx.run(
            "update message set carrier_id = coalesce(carrier_id, :carrier_id), adapter = :adapter where org_id = :org and id = :id",
            id=row.id,
            carrier_id=match.external_id,
            adapter=adapter.name,
        )
        error = match.error
        risen = await advance(tx, row.id, _AFTER[match.state], code=error.code if error else None, reason=error.reason if error else None)
        if risen is None:
            return 0
        await audit.record(tx, "system:reconciling", "message.settled", thread.debtor_id, message=row.id, carrier_id=match.external_id)
        if error is not None:
            await tell_writer(tx, row.id)
            await heed_effect(tx, thread, row.id, error.effect)
        tx.changed(thread.topic)
        return 1
