"""Sending: one transaction under the debtor's lock, through the gate. The queued row is the outbox; nothing is called here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField
from base.ids import new_id
from base.words import N_
from channels.contract import Channel
from channels.phones import match_key
from channels.segments import count
from compliance.acts import record_act
from compliance.gate import Contact, Stage, Verdict, judge
from inbox.access import Reader, require_writer
from inbox.receiving import clean
from inbox.states import State
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
SENDABLE = (Channel.SMS,)
MOST_CHARACTERS = 1600
_VALID_FOR = timedelta(hours=4)
# Which address of a channel (`a`, linked by `l`) is used: where the client last wrote from, else one that works, else the oldest.
HEARD = (
    " left join lateral (select m.id from message m where m.org_id = l.org_id and m.address_id = l.address_id and m.direction = 'in'"
    " and m.debtor_id = l.debtor_id order by m.id desc limit 1) heard on true"
)
BEST_FIRST = "l.status = 'wrong_party', heard.id desc nulls last, a.deliverability in ('invalid', 'hard_bounce'), l.created_at, l.id"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say. `client_token` makes a second press the same message; `seen_revision` is what they had seen."""

    channel: Channel
    text: str
    purpose: str = "collection"
    to: str | None = None
    client_token: UUID | None = None
    seen_revision: int | None = None
    debt_ref: str | None = None
    reply_to: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is queued (or was already, by the same token)."""

    message_id: UUID
    state: str


@dataclass(frozen=True, slots=True)
class RefusedSend:
    """The gate said no; only the verdict was kept."""

    verdict: Verdict


async def send(tx: Tx, reader: Reader, debtor: UUID, draft: Draft) -> Sent | RefusedSend:
    """Queue one message. The caller has proved that `reader` may see the debtor.

    Raises `InvalidField` for a text or address that cannot be sent, `Conflict` where a colleague wrote since `seen_revision`.
    """
    require_writer(reader)
    text = _check(draft)
    thread = await lock_thread(tx, debtor)
    if draft.client_token is not None and (known := await _already(tx, reader, debtor, draft.client_token, text)) is not None:
        return known
    await _look_at_colleagues(tx, reader, thread, draft.seen_revision)
    address = await _address(tx, thread, draft)
    portfolio = await _portfolio(tx, reader, thread, draft.debt_ref)
    await _check_reply(tx, thread, draft.reply_to)
    message = new_id()
    verdict = await judge(tx, Contact(debtor, message, draft.channel.value, address, draft.purpose), Stage.COMPOSED)
    if not verdict.allowed:
        await audit.record(
            tx, f"agent:{reader.agent_id}", "message.refused", debtor, rule=verdict.rule, verdict=verdict.id, message=message
        )
        return RefusedSend(verdict)
    await _queue(tx, reader, thread, draft, text, message, address, verdict, portfolio)
    return Sent(message, State.QUEUED)


def _check(draft: Draft) -> str:
    if draft.channel not in SENDABLE:
        raise InvalidField("channel", N_("this channel cannot send yet"))
    if draft.purpose not in PURPOSES:
        raise InvalidField("purpose", "must be one of " + ", ".join(PURPOSES))
    text = clean(draft.text).strip()
    if not text:
        raise InvalidField("text", N_("write something first"))
    if len(text) > MOST_CHARACTERS:
        raise InvalidField("text", N_("is longer than 1,600 characters; shorten it or send two messages"))
    return text


async def _already(tx: Tx, reader: Reader, debtor: UUID, client_token: UUID, text: str) -> Sent | None:
    """The message that was sent with this token. Another text under the same token is a new message, and must be sent as one."""
    row = await tx.row(
        "select m.id, m.debtor_id, m.state, e.text from message m join entry e on e.org_id = m.org_id and e.id = m.id"
        " where m.org_id = :org and m.agent_id = :agent and m.client_token = :token",
        agent=reader.agent_id,
        token=client_token,
    )
    if row is None:
        return None
    if row.debtor_id != debtor:
        raise InvalidField("client_token", N_("the page is out of date; reload it"))
    if row.text != text:
        raise InvalidField("text", N_("your text before this one has gone already; send again if this one should follow it"))
    return Sent(row.id, row.state)


async def _look_at_colleagues(tx: Tx, reader: Reader, thread: Thread, seen: int | None) -> None:
    """A colleague's answer that the writer has not seen stops the send; the client's own next words never do."""
    if seen is None:
        return
    row = await tx.row(
        "select a.name from entry e left join agent a on a.org_id = e.org_id and a.id = e.agent_id where e.org_id = :org"
        " and e.conversation_id = :conversation and e.first_revision > :seen and e.kind = 'message' and e.direction = 'out' and e.agent_id <> :agent limit 1",
        conversation=thread.conversation_id,
        seen=seen,
        agent=reader.agent_id,
    )
    if row is not None:
        raise Conflict(row.name or "")


async def _address(tx: Tx, thread: Thread, draft: Draft) -> UUID:
    if draft.to is not None:
        return await _named_address(tx, thread, draft.channel, draft.to)
    found = await best_address(tx, thread.debtor_id, draft.channel.value)
    if found is None:
        raise InvalidField("channel", N_("the client has no address on this channel"))
    address: UUID = found.address_id
    return address


async def _named_address(tx: Tx, thread: Thread, channel: Channel, to: str) -> UUID:
    found: UUID | None = await tx.value(
        "select a.id from address a join address_link l on l.org_id = a.org_id and l.address_id = a.id and l.debtor_id = :debtor"
        " where a.org_id = :org and a.channel = :channel and a.match_index = :match",
        debtor=thread.debtor_id,
        channel=channel.value,
        match=tx.index("phone", match_key(to)),
    )
    if found is None:
        raise InvalidField("to", N_("this is not an address of this client"))
    return found


async def best_address(tx: Tx, debtor: UUID, channel: str) -> Any:  # noqa: ANN401 - a row or None
    """The address to use on a channel, with its link."""
    return await tx.row(
        "select l.address_id, l.id as link_id, l.dialable_sealed, l.status, a.deliverability from address_link l"
        f" join address a on a.org_id = l.org_id and a.id = l.address_id and a.channel = :channel{HEARD}"
        f" where l.org_id = :org and l.debtor_id = :debtor order by {BEST_FIRST} limit 1",
        debtor=debtor,
        channel=channel,
    )


async def _portfolio(tx: Tx, reader: Reader, thread: Thread, debt_ref: str | None) -> UUID | None:
    """Whose portfolio a message is written for: that of the debt it names, else the only one that its writer serves."""
    if debt_ref is None:
        visible = [portfolio for portfolio in thread.portfolios if reader.sees_portfolio(portfolio)]
        return visible[0] if len(visible) == 1 else None
    found: UUID | None = await tx.value(
        "select creditor_id from debt where org_id = :org and debtor_id = :debtor and ref = :ref and (:sees_all or creditor_id = any(:portfolios))",
        debtor=thread.debtor_id,
        ref=clean(debt_ref),
        **reader.rights,
    )
    if found is None:
        raise InvalidField("debt_ref", N_("this is not a debt of this client"))
    return found


async def _check_reply(tx: Tx, thread: Thread, reply_to: UUID | None) -> None:
    if reply_to is None:
        return
    found = await tx.value(
        "select id from entry where org_id = :org and id = :id and conversation_id = :conversation",
        id=reply_to,
        conversation=thread.conversation_id,
    )
    if found is None:
        raise InvalidField("reply_to", N_("this is not an entry of this client's timeline"))


async def _queue(
    tx: Tx, reader: Reader, thread: Thread, draft: Draft, text: str, message: UUID, address: UUID, verdict: Verdict, portfolio: UUID | None
) -> None:
    entry = NewEntry(
        kind="message",
        id=message,
        channel=draft.channel.value,
        direction="out",
        text=text,
        agent_id=reader.agent_id,
        portfolio=portfolio,
        detail={} if draft.reply_to is None else {"reply_to": draft.reply_to},
    )
    delivery = NewMessage(
        state=State.QUEUED,
        address_id=address,
        purpose=draft.purpose,
        client_token=draft.client_token,
        verdict_id=verdict.id,
        segments=count(text).segments,
        due_at=tx.now,
        expires_at=valid_until(tx.now),
    )
    await append(tx, thread, entry, delivery)
    await record_act(tx, thread.debtor_id, message, draft.channel.value, "out", draft.purpose)
    await audit.record(tx, f"agent:{reader.agent_id}", "message.queued", thread.debtor_id, message=message, verdict=verdict.id)
    tx.ring()


def valid_until(now: datetime) -> datetime:
    """Until when a carrier may hold a message. Four hours, until windows of law say less."""
    return now + _VALID_FOR
