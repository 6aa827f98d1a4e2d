"""Holding: a queued message waits for its time, and until its call begins it can be taken back, sent at once or put off; a STOP withholds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, Forbidden
from base.words import N_
from channels.contract import Channel
from compliance.acts import move_act, release_act
from compliance.gate import Contact, Stage, foresee, judge
from compliance.rules import PASSING
from inbox.access import Reader, access_message, require_writer
from inbox.moves import UNANSWERED, takes_over
from inbox.outcomes import withhold
from inbox.product import Product
from inbox.sending import LONGEST_HOLD_SECONDS, check_schedule, valid_until
from inbox.states import State, advance, revise
from inbox.timeline import Thread, lock_message

UNDO_SECONDS = 5
UNDO_SECONDS_OF_TEMPLATES = 10
UNDO_SECONDS_LIVE = 2
LIVE_EXCHANGE = timedelta(minutes=15)
_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A message that will not leave, with everything that a composer needs to hold it again; `planned_for` where a later moment was chosen."""

    message_id: UUID
    channel: Channel
    text: str
    address_id: UUID | None
    template_id: UUID | None
    variables: Mapping[str, str]
    attachments: tuple[UUID, ...]
    planned_for: datetime | None = None


def undo_seconds(preferences: Mapping[str, Any], channel: Channel, template: bool, last_inbound_at: datetime | None, now: datetime) -> int:
    """For how many seconds a message can be taken back: by the agent's own setting (0 to 20), else ten for templates and email, two inside a
    live exchange, five otherwise."""
    own = preferences.get("undo_seconds")
    if isinstance(own, int) and not isinstance(own, bool):
        return min(max(own, 0), LONGEST_HOLD_SECONDS)
    if template or channel is Channel.EMAIL:
        return UNDO_SECONDS_OF_TEMPLATES
    is_live = last_inbound_at is not None and now - last_inbound_at <= LIVE_EXCHANGE
    return UNDO_SECONDS_LIVE if is_live else UNDO_SECONDS


async def undo_seconds_for(tx: Tx, reader: Reader, debtor: UUID, channel: Channel, template: UUID | None) -> int:
    """`undo_seconds` with the reader's own setting and the client's last word, in one statement. A list or buttons are of an exchange, as free
    words are: only a template that was reviewed has a template's seconds."""
    row = await tx.row(
        "select preferences, exists (select from template t where t.org_id = a.org_id and t.id = cast(:template as uuid)"
        " and t.kind = 'template') as reviewed, (select max(at) from contact_act c where c.org_id = a.org_id and c.debtor_id = :debtor and c.direction = 'in'"
        " and c.at > :since) as heard_at from agent a where a.org_id = :org and a.id = :agent",
        debtor=debtor,
        agent=reader.agent_id,
        since=tx.now - LIVE_EXCHANGE,
        template=template,
    )
    return undo_seconds(row.preferences if row else {}, channel, bool(row and row.reviewed), row.heard_at if row else None, tx.now)


async def take_back(tx: Tx, reader: Reader, message: UUID) -> TakenBack:
    """Cancel a message whose call has not begun; once cancelled, asking again gives the same answer.

    Raises `NotFound` for strangers, `Forbidden` for whoever neither wrote nor supervises it, `Conflict` when it is on its way.
    """
    thread, row = await _locked(tx, reader, message)
    if row.state == State.CANCELLED:
        return await _taken_back(tx, row)
    _check_waiting(row)
    files = await tx.rows(
        "update attachment set entry_id = null where org_id = :org and entry_id = :id and direction = 'out' returning id", id=message
    )
    await tx.run(
        "update entry set detail = detail || cast(:kept as jsonb) where org_id = :org and id = :id",
        id=message,
        kept=audit.canonical({"freed": [one.id for one in files]}),
    )
    await advance(tx, message, State.CANCELLED)
    await release_act(tx, message)
    await _wait_again(tx, thread)
    await _told(tx, reader, thread, message, "message.taken_back")
    return await _taken_back(tx, row, [one.id for one in files])


async def _wait_again(tx: Tx, thread: Thread) -> None:
    """Our word is gone, so the client waits again since the first of theirs that nobody answered."""
    await tx.run(
        f"update conversation c set waiting_since = {UNANSWERED} where c.org_id = :org and c.id = :id and c.state <> 'closed'"
        " and c.waiting_since is null",
        id=thread.conversation_id,
    )


async def _taken_back(tx: Tx, row: Any, files: list[UUID] | None = None) -> TakenBack:  # noqa: ANN401 - a row
    template = row.detail.get("template", {})
    freed = files if files is not None else [UUID(one) for one in row.detail.get("freed", [])]
    return TakenBack(
        message_id=row.id,
        channel=Channel(row.channel),
        text=row.text or "",
        address_id=row.address_id,
        template_id=row.template_id,
        variables=template.get("variables", {}),
        attachments=tuple(freed),
        planned_for=row.due_at if row.hold == "schedule" else None,
    )


async def send_now(tx: Tx, reader: Reader, message: UUID) -> None:
    """Let a held message leave at once. Raises as `take_back` does."""
    await _move(tx, reader, message, tx.now, None)
    tx.ring()


async def reschedule(tx: Tx, reader: Reader, message: UUID, at: datetime) -> None:
    """Let a held message leave at another moment. Raises as `take_back` does, and `InvalidField` for a moment that cannot be waited for."""
    check_schedule(tx.now, at)
    await _move(tx, reader, message, at, "schedule")


async def _move(tx: Tx, reader: Reader, message: UUID, at: datetime, hold: str | None) -> None:
    thread, row = await _locked(tx, reader, message)
    _check_waiting(row)
    # A worker that has just claimed it finds it not due; without a lease the next one need not wait for that one's to end.
    await tx.run(
        "update message set due_at = :at, expires_at = :until, hold = cast(:hold as text), lease_until = null"
        " where org_id = :org and id = :id",
        id=message,
        at=at,
        until=valid_until(at),
        hold=hold,
    )
    await move_act(tx, message, at)
    await revise(tx, message)
    await _told(tx, reader, thread, message, "message.rescheduled" if hold else "message.sent_now")


async def _locked(tx: Tx, reader: Reader, message: UUID) -> tuple[Thread, Any]:
    """The message as it stands under its debtor's lock, for its writer or a supervisor."""
    require_writer(reader)
    await access_message(tx, reader, message)
    thread = await lock_message(tx, message)
    row = await tx.row(
        "select m.id, m.state, m.direction, m.channel, m.agent_id, m.address_id, m.template_id, m.hold, m.due_at, m.attempt_at, e.text, e.detail"
        " from message m join entry e on e.org_id = m.org_id and e.id = m.id where m.org_id = :org and m.id = :id",
        id=message,
    )
    if row is None or row.direction != "out":
        raise Conflict(N_("This message has left already."))
    if row.agent_id != reader.agent_id and not takes_over(reader):
        raise Forbidden(N_("Only whoever wrote a message, or a supervisor, can take it back or move it."))
    return thread, row


def _check_waiting(row: Any) -> None:  # noqa: ANN401 - a row
    if row.state == State.WITHHELD:
        raise Conflict(N_("This message was withheld: it has not left and will not."))
    if row.state == State.CANCELLED:
        raise Conflict(N_("This message was taken back already."))
    if row.state != State.QUEUED or row.attempt_at is not None:
        raise Conflict(N_("This message has left already."))


async def _told(tx: Tx, reader: Reader, thread: Thread, message: UUID, action: str) -> None:
    tx.changed(thread.topic)
    await audit.record(tx, f"agent:{reader.agent_id}", action, thread.debtor_id, message=message)


async def withhold_closed(product: Product) -> int:
    """Withhold what waits for later and whose address has been closed meanwhile, so that everybody sees it now; returns how many.

    What may be open again by then (a stopped channel, a doubt, a template under review) is judged when it is due, like everything.
    """
    async with product.work() as tx:
        rows = await tx.rows(
            "select m.id from message m where m.org_id = :org and m.state = 'queued' and m.direction = 'out' and m.due_at > :now"
            " and (exists (select from opt_out o where o.org_id = m.org_id and o.address_id = m.address_id and o.source <> 'doubt'"
            " and o.revoked_at is null)"
            " or exists (select from address a where a.org_id = m.org_id and a.id = m.address_id and a.deliverability in ('invalid', 'hard_bounce'))"
            " or exists (select from address_link l where l.org_id = m.org_id and l.address_id = m.address_id and l.debtor_id = m.debtor_id"
            " and l.status = 'wrong_party')) order by m.due_at limit :limit",
            limit=_AT_MOST,
        )
    return sum([await _withhold_one(product, row.id) for row in rows])


async def _withhold_one(product: Product, message: UUID) -> int:
    async with product.work() as tx:
        thread = await lock_message(tx, message)
        row = await tx.row(
            "select m.channel, m.address_id, m.purpose, e.creditor_id from message m join entry e on e.org_id = m.org_id and e.id = m.id"
            " where m.org_id = :org and m.id = :id and m.state = 'queued' and m.due_at > :now and m.attempt_at is null",
            id=message,
        )
        if row is None:
            return 0
        foreseen = (await foresee(tx, thread.debtor_id, row.address_id, row.channel, row.creditor_id)).objection
        if foreseen is None or foreseen.rule in PASSING:
            return 0
        contact = Contact(thread.debtor_id, message, row.channel, row.address_id, row.purpose, row.creditor_id)
        verdict = await judge(tx, contact, Stage.HELD)
        if verdict.objection is None:
            return 0
        return int(await withhold(tx, thread, message, verdict.objection, actor="system:holding"))
