"""One timeline per debtor: entries are appended under the debtor's lock, so that revision order is commit order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.db import Tx
from base.ids import new_id
from inbox.states import RANKS, State
from inbox.threads import Thread as Thread
from inbox.threads import conversation_topic as conversation_topic
from inbox.threads import lock_message as lock_message
from inbox.threads import lock_thread as lock_thread
from inbox.threads import lock_threads as lock_threads


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be appended. `id` is also the message's id where there is one."""

    kind: str
    id: UUID = field(default_factory=new_id)
    channel: str | None = None
    direction: str | None = None
    text: str | None = None
    agent_id: UUID | None = None
    carrier_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    portfolio: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """The delivery side of a new message entry."""

    state: State
    address_id: UUID
    purpose: str | None = None
    adapter: str | None = None
    carrier_id: str | None = None
    client_token: UUID | None = None
    verdict_id: UUID | None = None
    segments: int | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    template_id: UUID | None = None
    hold: str | None = None


async def new_conversation(tx: Tx, debtor: UUID, state: str, portfolios: list[UUID]) -> UUID:
    """The conversation of a new debtor, with an empty timeline; returns its id."""
    conversation = new_id()
    await tx.run(
        "insert into conversation (org_id, id, debtor_id, state, revision, card_revision, position, portfolios, last_at, last_inbound_position, read_position,"
        " created_at) values (:org, :id, :debtor, :state, 1, 1, 0, cast(:portfolios as uuid[]), :now, 0, 0, :now)",
        id=conversation,
        debtor=debtor,
        state=state,
        portfolios=portfolios,
    )
    tx.changed(conversation_topic(conversation))
    return conversation


async def append(
    tx: Tx, thread: Thread, entry: NewEntry, message: NewMessage | None = None, *, card: bool = False, takes: bool = False
) -> int:
    """Append one entry, with its message where it is one, in one statement; returns the conversation's new revision.

    A message opens a closed conversation again, and ours says that what came before it was read and no longer waits. The client's word
    begins the waiting and wakes a snoozed conversation. An event does not move the conversation up in lists. `card` says that more than the
    timeline changes in this transaction; for events it always does. `takes` says that who answers a client whom nobody attends attends them.
    """
    tx.changed(thread.topic)
    insert_message = "" if message is None else _INSERT_MESSAGE
    values = {} if message is None else _message_values(message, thread)
    revision: int = await tx.value(
        "with c as (update conversation set revision = revision + 1, position = position + 1,"
        " card_revision = case when :card or (:spoken and state = 'closed') or (:inbound and snoozed_until is not null)"
        f"{f' or {_TAKEN}' if takes else ''}"
        f"{_FROM_ELSEWHERE if entry.direction == 'in' and message is not None else ''}"
        " then revision + 1 else card_revision end,"
        f"{_MOVES}{_TAKES if takes else ''} where org_id = :org and id = :conversation returning position, revision),"
        f"{_INSERT_ENTRY}"
        + insert_message
        + (_ANSWER_NOTICES if entry.agent_id is not None and entry.kind in ("message", "note") else "")
        + " select revision from c",
        id=entry.id,
        conversation=thread.conversation_id,
        kind=entry.kind,
        card=card or entry.kind == "event",
        channel=entry.channel,
        direction=entry.direction,
        inbound=entry.direction == "in",
        spoken=entry.kind == "message",
        portfolio=entry.portfolio or thread.portfolio,
        agent=entry.agent_id,
        text=entry.text,
        detail=canonical(dict(entry.detail)),
        carrier_at=entry.carrier_at,
        **values,
    )
    return revision


async def touch(tx: Tx, conversation: UUID) -> int:
    """A new revision without a new entry: something that screens show beside the timeline has changed."""
    tx.changed(conversation_topic(conversation))
    revision: int = await tx.value(
        "update conversation set revision = revision + 1, card_revision = revision + 1 where org_id = :org and id = :conversation returning revision",
        conversation=conversation,
    )
    return revision


async def touch_sharers(tx: Tx, address: UUID, *, but: UUID | None = None) -> None:
    """A new revision for everybody whom an address belongs to (`but` one conversation): what was learnt of it is on all their screens.

    The conversations' own row locks keep their revisions in commit order. Two who learn of one address at once may meet here; then one of
    them is `Raced` and starts again.
    """
    touched = await tx.rows(
        "update conversation set revision = revision + 1, card_revision = revision + 1 where org_id = :org and debtor_id in"
        " (select debtor_id from address_link where org_id = :org and address_id = :address) and (cast(:but as uuid) is null or id <> :but)"
        " returning id",
        address=address,
        but=but,
    )
    for row in touched:
        tx.changed(conversation_topic(row.id))


# A word from another address of the client's than the one before it: where we answer to, which header and composer show, is another one now.
_FROM_ELSEWHERE = (
    " or :address is distinct from (select w.address_id from message w where w.org_id = :org and w.debtor_id = :debtor and w.channel = :channel"
    " and w.direction = 'in' order by w.id desc limit 1)"
)
# What one entry moves in its conversation.
_MOVES = (
    " last_entry_id = case when :kind = 'event' then last_entry_id else :id end,"
    " last_at = case when :kind = 'event' then last_at else :now end,"
    " last_inbound_position = case when :inbound then position + 1 else last_inbound_position end,"
    " read_position = case when :spoken and not :inbound then position + 1 else read_position end,"
    " waiting_since = case when :inbound then coalesce(waiting_since, :now) when :spoken then null else waiting_since end,"
    " snoozed_until = case when :inbound then null else snoozed_until end,"
    " disposition = case when :spoken and state in ('closed', 'own') then null else disposition end,"
    " state = case when :spoken and state = 'closed' then (select case d.kind when 'known' then 'open' else 'triage' end from debtor d"
    " where d.org_id = :org and d.id = conversation.debtor_id) else state end"
)
_TAKEN = "(assigned_agent_id is null and waiting_since is not null)"
_TAKES = (
    f", assigned_agent_id = case when {_TAKEN} then cast(:agent as uuid) else assigned_agent_id end,"
    f" team_id = case when {_TAKEN} then null else team_id end"
)
_INSERT_ENTRY = (
    " e as (insert into entry (org_id, id, conversation_id, position, revision, first_revision, kind, channel, direction, creditor_id, agent_id,"
    " text, detail, carrier_at, received_at) select :org, :id, :conversation, c.position, c.revision, c.revision, :kind, :channel, :direction,"
    " cast(:portfolio as uuid), cast(:agent as uuid), :text, cast(:detail as jsonb), cast(:carrier_at as timestamptz), :now from c)"
)
# Who writes in a conversation has answered what they were told about it.
_ANSWER_NOTICES = (
    ", n as (update notice set done_at = :now, seen_at = coalesce(seen_at, :now) where org_id = :org and agent_id = cast(:agent as uuid)"
    " and conversation_id = :conversation and done_at is null)"
)
_INSERT_MESSAGE = (
    ", m as (insert into message (org_id, id, debtor_id, conversation_id, direction, channel, state, rank, address_id, purpose, adapter, carrier_id,"
    " agent_id, client_token, verdict_id, segments, due_at, expires_at, template_id, hold, token, attempts, state_at)"
    " select :org, :id, :debtor, :conversation, :direction,"
    " :channel, :state, :rank, :address, :purpose, :adapter, :carrier_id, cast(:agent as uuid), cast(:client_token as uuid),"
    " cast(:verdict as uuid), cast(:segments as integer), cast(:due_at as timestamptz), cast(:expires_at as timestamptz),"
    " cast(:template as uuid), cast(:hold as text), 0, 0, :now from c)"
)


def _message_values(message: NewMessage, thread: Thread) -> dict[str, Any]:
    return {
        "debtor": thread.debtor_id,
        "state": message.state.value,
        "rank": RANKS[message.state],
        "address": message.address_id,
        "purpose": message.purpose,
        "adapter": message.adapter,
        "carrier_id": message.carrier_id,
        "client_token": message.client_token,
        "verdict": message.verdict_id,
        "segments": message.segments,
        "due_at": message.due_at,
        "expires_at": message.expires_at,
        "template": message.template_id,
        "hold": message.hold,
    }
