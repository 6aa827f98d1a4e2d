"""Delivery: claim, commit, ask the gate again, commit, call the carrier once, record what came of it. At most one acceptance, ever.

A message whose call was begun and whose end nobody recorded is never sent again: it becomes `unconfirmed`, and `inbox.reconciling` asks the
carrier. Leases are counted by the database's own clock, which no one moves.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from base.db import Tx
from base.errors import Raced, TratoError, Unavailable
from base.log import log
from base.words import N_
from channels.contract import Channel, Outbound, Refused, TemplateUse, TryAgain, Unconfirmed
from compliance.gate import Contact, Stage, judge
from compliance.rules import Objection, Prepared
from inbox.authoring import REGISTERED, SESSION
from inbox.departing import SENDER, numbers_of
from inbox.media_links import attachment_url
from inbox.outcomes import Claim, Outcome, Ready, mark_unconfirmed, record_outcome, withhold
from inbox.product import Product
from inbox.timeline import lock_message

BATCH = 20
LEASE_SECONDS = 40
_BEGIN_CALL_WITHIN = 10.0
_RECORD_AGAIN_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0)


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
    thread = await lock_message(tx, one.message_id)
    one = replace(one, debtor_id=thread.debtor_id)  # who may have been merged into another since the claim
    row = await tx.row(_HELD_ROW, id=one.message_id, token=one.token, **numbers_of(product.settings))
    if row is None:
        return None
    objection = await _objection(tx, one, row)
    if objection is not None:
        await withhold(tx, thread, one.message_id, objection, actor="system:delivery", token=one.token)
        return None
    await tx.run(
        "update message set attempt_at = clock_timestamp(), attempts = attempts + 1 where org_id = :org and id = :id and token = :token",
        id=one.message_id,
        token=one.token,
    )
    dialable = thread.person.open("address_link", row.link_id, "dialable", bytes(row.dialable_sealed))
    outbound = _outbound(product, row, dialable, tx.now)
    return Ready(outbound, row.attempts + 1, product.adapters[outbound.channel].name)


_HELD_ROW = (
    "with held as (update message m set attempts = attempts from entry e, address_link l where m.org_id = :org and m.id = :id and m.token = :token"
    " and m.state = 'queued' and m.attempt_at is null and m.due_at <= :now and e.org_id = m.org_id and e.id = m.id"
    " and l.org_id = m.org_id and l.address_id = m.address_id and l.debtor_id = m.debtor_id"
    " returning m.org_id, m.id, m.debtor_id, m.channel, m.address_id, m.purpose, m.expires_at, m.attempts, m.template_id, e.text, e.detail, e.creditor_id,"
    " l.id as link_id, l.dialable_sealed)"
    " select h.*, t.kind, t.channel as template_channel, t.creditor_id as template_creditor, t.approval, t.active, t.content_id, t.variables,"
    " array(select a.id from attachment a where a.org_id = h.org_id and a.entry_id = h.id order by a.position, a.id) as attachments,"
    f" {SENDER} as sender from held h left join template t on t.org_id = h.org_id and t.id = h.template_id"
)


async def _objection(tx: Tx, one: Claim, row: Any) -> Objection | None:  # noqa: ANN401 - a row
    """Why a claimed message must not leave now, by the clock or by the gate."""
    if row.expires_at <= tx.now:
        return Objection("expired", N_("It was not delivered in time."), {})
    template = None
    if row.kind in REGISTERED:
        fits = row.template_channel == row.channel and row.template_creditor in (None, row.creditor_id)
        template = Prepared(row.template_id, row.approval, row.active, fits, row.kind == SESSION)
    contact = Contact(one.debtor_id, one.message_id, row.channel, row.address_id, row.purpose, row.creditor_id, template)
    return (await judge(tx, contact, Stage.DELIVERED)).objection


def _outbound(product: Product, row: Any, dialable: str, now: datetime) -> Outbound:  # noqa: ANN401 - a row
    return Outbound(
        message_id=str(row.id),
        channel=Channel(row.channel),
        recipient=dialable,
        text=row.text,
        receipt_url=f"{product.settings.public_url}/hooks/twilio/receipt/{row.id}",
        valid_for=max(1, int((row.expires_at - now).total_seconds())),
        template=_template_use(row),
        media_urls=tuple(attachment_url(product.settings, one, now) for one in row.attachments),
        sender=row.sender or "",
    )


def _template_use(row: Any) -> TemplateUse | None:  # noqa: ANN401 - a row
    """The registered template with its values by the carrier's numbers; None where the words themselves are sent."""
    if row.kind not in REGISTERED or row.content_id is None:
        return None
    values: Mapping[str, str] = row.detail["template"]["variables"]
    return TemplateUse(row.content_id, {str(number): values[place] for number, place in enumerate(row.variables, 1)})


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


async def settle_orphans(product: Product, limit: int = BATCH) -> int:
    """Messages whose call was begun by a worker that never came back become `unconfirmed`; returns how many."""
    async with product.work() as tx:
        orphans = await tx.rows(
            "select id, token from message where org_id = :org and direction = 'out' and state = 'queued' and attempt_at is not null"
            " and lease_until < clock_timestamp() order by due_at limit :limit",
            limit=limit,
        )
    for orphan in orphans:
        async with product.work() as tx:
            thread = await lock_message(tx, orphan.id)
            # Looked at again under the lock: the worker may have come back meanwhile and said that nothing was sent.
            if await tx.value("select attempt_at from message where org_id = :org and id = :id", id=orphan.id) is not None:
                await mark_unconfirmed(tx, orphan.id, thread.debtor_id, orphan.token)
                tx.changed(thread.topic)
    return len(orphans)
