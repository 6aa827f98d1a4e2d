"""Sending: one transaction under the debtor's lock, through the gate. The queued row is the outbox; nothing is called here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
from base.settings import Settings
from base.signs import is_blank, typed
from base.words import N_
from channels.contract import Channel
from channels.segments import count
from compliance.acts import record_act
from compliance.gate import Contact, Stage, Verdict, judge
from inbox.access import Reader, require_writer
from inbox.addressing import address_for, portfolio_of
from inbox.filling import check_no_holes
from inbox.moves import require_client, require_hold, takes_over
from inbox.refusing import look_at_colleagues, note_refusal
from inbox.repeating import pressed_before
from inbox.states import State
from inbox.templates import Filled, fill
from inbox.timeline import NewEntry, NewMessage, Thread, append, lock_thread

PURPOSES = (
    "collection",
    "reminder",
    "requested_information",
    "payment_receipt",
    "security_code",
    "agreement",
    "claim_answer",
    "legal_notice",
)
# Channels that there are adapters for; which of them are connected here, `connected` says.
SENDABLE = (Channel.SMS, Channel.WHATSAPP)
MOST_CHARACTERS = 1600
MOST_FILES = {Channel.SMS: 0, Channel.WHATSAPP: 1}
LONGEST_HOLD_SECONDS = 20
FURTHEST = timedelta(days=60)
_VALID_FOR = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say. `client_token` makes a second press the same message; `seen_revision` is what they had seen.

    With `template_id` the words are the template's, filled with the client's data and `variables`; `text` is then not looked at. `attachments`
    are files that this agent uploaded for this client. `hold_seconds` is how long it may still be taken back; `not_before` schedules it.
    `address_id` or `to` (as dialled) choose among the client's addresses. Only an `own_test` goes to a phone of our own.
    """

    channel: Channel
    text: str = ""
    purpose: str = "collection"
    to: str | None = None
    client_token: UUID | None = None
    seen_revision: int | None = None
    debt_ref: str | None = None
    address_id: UUID | None = None
    template_id: UUID | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[UUID, ...] = ()
    hold_seconds: int = 0
    not_before: datetime | None = None
    own_test: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is queued (or was already, by the same token). `due_at` is when it leaves: later than now while it is held."""

    message_id: UUID
    state: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedSend:
    """The gate said no; of the message only the verdict was kept, and a line in the timeline says that it was refused."""

    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Due:
    """When a message leaves, and why not at once: ``undo``, ``schedule`` or nothing."""

    at: datetime
    hold: str | None


def connected(settings: Settings) -> tuple[Channel, ...]:
    """The channels that have a sender in this installation."""
    return (Channel.SMS, Channel.WHATSAPP) if settings.twilio_whatsapp_sender else (Channel.SMS,)


async def send(tx: Tx, reader: Reader, debtor: UUID, draft: Draft, channels: Collection[Channel]) -> Sent | RefusedSend:
    """Queue one message on one of the `connected` channels. The caller has proved that `reader` may see the debtor.

    An agent who answers a client whom nobody attends attends them from then on. Raises `InvalidField` for what cannot be sent, `Conflict` where a
    colleague attends the client, or wrote since `seen_revision`.
    """
    require_writer(reader)
    thread = await lock_thread(tx, debtor)
    if draft.client_token is not None and (known := await pressed_before(tx, reader, debtor, draft)) is not None:
        return Sent(known.id, known.state, known.due_at)
    require_client(thread, draft.own_test)
    text = _check(draft, channels)
    due = _due(tx.now, draft)
    await require_hold(tx, reader, thread.assigned_agent_id)
    await look_at_colleagues(tx, reader, thread, draft.seen_revision)
    address = await address_for(tx, thread, draft.channel, to=draft.to, chosen=draft.address_id)
    portfolio = await portfolio_of(tx, reader, thread, draft.debt_ref)
    filled = (
        await fill(tx, reader, thread, draft.template_id, draft.channel, draft.variables, draft.debt_ref) if draft.template_id else None
    )
    portfolio = portfolio or (filled.creditor_among(thread.portfolios) if filled else None) or thread.portfolio
    prepared = filled.prepared(draft.channel, portfolio) if filled else None
    contact = Contact(debtor, new_id(), draft.channel.value, address, draft.purpose, portfolio, prepared, due.at)
    verdict = await judge(tx, contact, Stage.COMPOSED)
    if verdict.objection is not None:
        await note_refusal(tx, reader, thread, contact, verdict.id, verdict.objection)
        return RefusedSend(verdict)
    await _queue(tx, reader, thread, draft, filled.text if filled else text, contact, verdict, due, filled)
    return Sent(contact.message_id, State.QUEUED, due.at)


def _check(draft: Draft, channels: Collection[Channel]) -> str:
    if draft.channel not in SENDABLE or draft.channel not in channels:
        raise InvalidField("channel", N_("this channel cannot send yet"))
    if draft.purpose not in PURPOSES:
        raise InvalidField("purpose", "must be one of " + ", ".join(PURPOSES))
    if len(draft.attachments) > MOST_FILES[draft.channel]:
        raise InvalidField("attachments", N_("SMS has no files, and WhatsApp one in each message"))
    if draft.template_id is not None:
        if draft.attachments:
            raise InvalidField("attachments", N_("a template takes no file of yours; send the file in a message of its own"))
        return ""
    text = typed(draft.text, "text").strip()
    check_no_holes(text)
    if is_blank(text) and not draft.attachments:
        raise InvalidField("text", N_("write something first"))
    if len(text) > MOST_CHARACTERS:
        raise InvalidField("text", N_("is longer than %(most)s characters; shorten it or send two messages"), most=MOST_CHARACTERS)
    return text


def _due(now: datetime, draft: Draft) -> _Due:
    if draft.not_before is not None:
        check_schedule(now, draft.not_before)
        return _Due(draft.not_before, "schedule")
    if not 0 <= draft.hold_seconds <= LONGEST_HOLD_SECONDS:
        raise InvalidField("hold_seconds", "must be from 0 to 20")
    return _Due(now + timedelta(seconds=draft.hold_seconds), "undo" if draft.hold_seconds else None)


def check_schedule(now: datetime, at: datetime) -> None:
    """Raise `InvalidField` for a moment that a message cannot wait for."""
    if at.tzinfo is None:
        raise InvalidField("not_before", "must say its offset from UTC")
    if at <= now:
        raise InvalidField("not_before", N_("this moment has passed; choose a later one"))
    if at > now + FURTHEST:
        raise InvalidField("not_before", N_("is more than 60 days away; choose an earlier day"))


async def _queue(
    tx: Tx,
    reader: Reader,
    thread: Thread,
    draft: Draft,
    text: str,
    contact: Contact,
    verdict: Verdict,
    due: _Due,
    filled: Filled | None,
) -> None:
    entry = NewEntry(
        kind="message",
        id=contact.message_id,
        channel=contact.channel,
        direction="out",
        text=text,
        agent_id=reader.agent_id,
        portfolio=contact.portfolio,
        detail=filled.detail() if filled else {},
    )
    delivery = NewMessage(
        state=State.QUEUED,
        address_id=contact.address_id,
        purpose=draft.purpose,
        client_token=draft.client_token,
        verdict_id=verdict.id,
        segments=count(text).segments if draft.channel is Channel.SMS else None,
        due_at=due.at,
        expires_at=valid_until(due.at),
        template_id=draft.template_id,
        hold=due.hold,
    )
    await append(tx, thread, entry, delivery, takes=not takes_over(reader))
    if draft.attachments:
        await _attach(tx, reader, thread, contact.message_id, draft)
    await record_act(tx, thread.debtor_id, contact.message_id, contact.channel, "out", draft.purpose, address=contact.address_id, at=due.at)
    await audit.record(tx, f"agent:{reader.agent_id}", "message.queued", thread.debtor_id, message=contact.message_id, verdict=verdict.id)
    tx.ring()


async def _attach(tx: Tx, reader: Reader, thread: Thread, message: UUID, draft: Draft) -> None:
    """Files that this agent uploaded for this client, and that no message has yet, in their order. WhatsApp shows words beside pictures only."""
    taken = await tx.rows(
        "update attachment x set entry_id = :message, position = o.number - 1 from unnest(cast(:files as uuid[])) with ordinality o (id, number)"
        " where x.org_id = :org and x.id = o.id and x.person_id = :person and x.agent_id = :agent and x.direction = 'out' and x.state = 'kept'"
        " and x.entry_id is null returning x.content_type",
        message=message,
        files=list(draft.attachments),
        person=thread.debtor_id,
        agent=reader.agent_id,
    )
    if len(taken) != len(draft.attachments):
        raise InvalidField("attachments", N_("a file is not there any more; attach it again"))
    if draft.text.strip() and not all(row.content_type.startswith(("image/", "video/")) for row in taken):
        raise InvalidField("text", N_("the client would get the file without these words: send the words first, then the file"))


def valid_until(due: datetime) -> datetime:
    """Until when a carrier may hold a message that is due at a moment. Four hours, until windows of law say less."""
    return due + _VALID_FOR
