"""Delivery: claim, commit, ask the gate again, commit, call the carrier once, record what came of it. At most one acceptance, ever.

A message whose call was begun and whose end nobody recorded is never sent again: it becomes `unconfirmed`, and `inbox.reconciling` asks the
carrier. Leases are counted by the database's own clock, which no one moves.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Raced, TratoError, Unavailable
from base.log import log
from base.words import N_
from channels.contract import Accepted, AddressEffect, Channel, Outbound, Refused, TryAgain, Unconfirmed
from compliance.acts import release_act
from compliance.gate import Contact, Stage, judge
from compliance.optouts import record_opt_out
from compliance.rules import Objection
from debts.addresses import record_deliverability
from inbox.product import Product
from inbox.states import State, advance
from inbox.timeline import NewEntry, Thread, append, lock_thread, touch_sharers

BATCH = 20
LEASE_SECONDS = 40
_BEGIN_CALL_WITHIN = 10.0
_RETRY_SECONDS = (1, 2, 5, 10, 30, 60)
_RECORD_AGAIN_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)

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


async def deliver_due(product: Product, limit: int = BATCH) -> int:
    """Deliver what is due now; returns how many messages were claimed. Safe to run in any number of workers at once."""
    async with product.work() as tx:
        claims = await claim(tx, limit)
    outcomes = await asyncio.gather(*(deliver(product, one) for one in claims), return_exceptions=True)
    for one, outcome in zip(claims, outcomes, strict=True):
        if isinstance(outcome, BaseException):
            log.error(
                "delivery.failed",
                message=str(one.message_id),
                error=repr(outcome) if isinstance(outcome, TratoError) else type(outcome).__name__,
            )
    return len(claims)


async def claim(tx: Tx, limit: int) -> list[Claim]:
    """Take due messages for this worker, skipping those that others are taking; the lease ends by itself."""
    # A CTE, because the planner may run a subselect of `in (...)` several times, and each run would lock another batch.
    rows = await tx.rows(
        "with due as (select id from message where org_id = :org and direction = 'out' and state = 'queued' and due_at <= :now and attempt_at is null"
        " and (lease_until is null or lease_until < clock_timestamp()) and (retry_at is null or retry_at <= clock_timestamp())"
        " order by due_at limit :limit for update skip locked)"
        " update message m set lease_until = clock_timestamp() + make_interval(secs => :lease), token = token + 1 from due"
        " where m.org_id = :org and m.id = due.id returning m.id, m.debtor_id, m.token",
        lease=LEASE_SECONDS,
        limit=limit,
    )
    return [Claim(row.id, row.debtor_id, row.token) for row in rows]


async def deliver(product: Product, one: Claim) -> None:
    """Bring one claimed message to the carrier, once."""
    begun = time.monotonic()
    async with product.work() as tx:
        ready = await prepare(tx, product, one)
    if ready is None:
        return
    outcome = await _call(product, ready, begun)
    await _record(product, one, ready, outcome)


async def prepare(tx: Tx, product: Product, one: Claim) -> Ready | None:
    """Ask the gate again and write down that the call begins. None where there is nothing to call any more."""
    thread = await lock_thread(tx, one.debtor_id)
    row = await tx.row(
        "update message m set attempts = attempts from entry e, address_link l where m.org_id = :org and m.id = :id and m.token = :token"
        " and m.state = 'queued' and m.attempt_at is null and e.org_id = m.org_id and e.id = m.id"
        " and l.org_id = m.org_id and l.address_id = m.address_id and l.debtor_id = m.debtor_id"
        " returning m.channel, m.address_id, m.purpose, m.expires_at, m.attempts, e.text, l.id as link_id, l.dialable_sealed",
        id=one.message_id,
        token=one.token,
    )
    if row is None:
        return None
    if row.expires_at <= tx.now:
        await _withhold(tx, thread, one, Objection("expired", N_("It was not delivered in time."), {}))
        return None
    verdict = await judge(tx, Contact(one.debtor_id, one.message_id, row.channel, row.address_id, row.purpose), Stage.DELIVERED)
    if verdict.objection is not None:
        await _withhold(tx, thread, one, verdict.objection)
        return None
    await tx.run(
        "update message set attempt_at = clock_timestamp(), attempts = attempts + 1 where org_id = :org and id = :id and token = :token",
        id=one.message_id,
        token=one.token,
    )
    dialable = thread.person.open("address_link", row.link_id, "dialable", bytes(row.dialable_sealed))
    channel = Channel(row.channel)
    outbound = _outbound(product, one.message_id, channel, dialable, row.text, row.expires_at, tx.now)
    return Ready(outbound, row.attempts + 1, product.adapters[channel].name)


async def _withhold(tx: Tx, thread: Thread, one: Claim, objection: Objection) -> None:
    """The gate said no at the last moment: the message stays here, with the sentence and its variables for every reader's language."""
    if await advance(tx, one.message_id, State.WITHHELD, token=one.token, code=objection.rule, reason=objection.sentence) is None:
        return
    await tx.run(
        "update entry set detail = detail || cast(:detail as jsonb) where org_id = :org and id = :id",
        id=one.message_id,
        detail=audit.canonical({"variables": dict(objection.variables)}),
    )
    tx.changed(thread.topic)
    await release_act(tx, one.message_id)
    await audit.record(tx, "system:delivery", "message.withheld", one.debtor_id, message=one.message_id, rule=objection.rule)


def _outbound(product: Product, message: UUID, channel: Channel, to: str, text: str, expires_at: datetime, now: datetime) -> Outbound:
    return Outbound(
        message_id=str(message),
        channel=channel,
        recipient=to,
        text=text,
        receipt_url=f"{product.settings.public_url}/hooks/twilio/receipt/{message}",
        valid_for=max(1, int((expires_at - now).total_seconds())),
    )


async def _call(product: Product, ready: Ready, begun: float) -> Outcome:
    """The one call. `begun` is from before the verdict: a process that was stopped since then must not act on it any more."""
    if time.monotonic() - begun > _BEGIN_CALL_WITHIN:
        return TryAgain("this process was stopped between the verdict and the call")
    try:
        return await product.adapters[ready.outbound.channel].send(ready.outbound)
    except (Refused, TryAgain, Unconfirmed) as failure:
        return failure
    except Exception as error:  # noqa: BLE001 - an adapter broke its contract: nobody knows what the carrier got
        log.exception("delivery.adapter_broke", message=ready.outbound.message_id)
        return Unconfirmed(f"the adapter raised {type(error).__name__}")


async def _record(product: Product, one: Claim, ready: Ready, outcome: Outcome) -> None:
    """Write the outcome down within the lease, waiting for a database that is away: what the carrier said is better than a later guess."""
    for wait in (*_RECORD_AGAIN_SECONDS, None):
        try:
            async with product.work() as tx:
                await record_outcome(tx, one, ready, outcome)
            return
        except (Raced, Unavailable):
            if wait is None:
                raise
            await asyncio.sleep(wait)


async def record_outcome(tx: Tx, one: Claim, ready: Ready, outcome: Outcome) -> None:
    """Write down what the carrier answered; only the worker that still holds the claim may."""
    thread = await lock_thread(tx, one.debtor_id)
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
    await heed_effect(tx, thread, one.message_id, refused.error.effect)


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


async def settle_orphans(product: Product, limit: int = BATCH) -> int:
    """Messages whose call was begun by a worker that never came back become `unconfirmed`; returns how many."""
    async with product.work() as tx:
        orphans = await tx.rows(
            "select id, debtor_id, token from message where org_id = :org and direction = 'out' and state = 'queued' and attempt_at is not null"
            " and lease_until < clock_timestamp() order by due_at limit :limit",
            limit=limit,
        )
    for orphan in orphans:
        async with product.work() as tx:
            thread = await lock_thread(tx, orphan.debtor_id)
            # Looked at again under the lock: the worker may have come back meanwhile and said that nothing was sent.
            if await tx.value("select attempt_at from message where org_id = :org and id = :id", id=orphan.id) is not None:
                await mark_unconfirmed(tx, orphan.id, orphan.debtor_id, orphan.token)
                tx.changed(thread.topic)
    return len(orphans)
