"""Who attends a conversation: claimed, released, read and marked unread, each as an event in the timeline that can be taken back."""

from __future__ import annotations

from uuid import UUID

from base.db import Tx
from base.errors import Conflict
from base.words import N_
from inbox.access import Reader
from inbox.moves import move, require_hold, require_open, stand
from inbox.notices import tell_former
from inbox.timeline import lock_thread, touch


async def claim(tx: Tx, reader: Reader, debtor: UUID, token: UUID | None = None) -> UUID | None:
    """Take a conversation; supervisors also take it over, and whoever had it is told. What is unread stays so until it is read.

    `token` names the press. Returns the event's id, None where it is the reader's already. Raises `Conflict` where a colleague has it, or where it is closed.
    """
    standing = await stand(tx, reader, debtor)
    if standing.owner == reader.agent_id:
        return None
    await require_hold(tx, reader, standing.owner)
    require_open(standing)
    changes = {"assigned_agent_id": reader.agent_id, "team_id": None, "snoozed_until": None}
    detail = {"notices": await tell_former(tx, standing, reader.agent_id)} | ({"token": str(token)} if token else {})
    return await move(tx, reader, standing, "claimed", changes, detail)


async def release(tx: Tx, reader: Reader, debtor: UUID) -> UUID | None:
    """Give a conversation back to the queue, where it waits for somebody. Returns the event's id, None where nobody has it.

    Raises `Conflict` where a colleague has it.
    """
    standing = await stand(tx, reader, debtor)
    if standing.owner is None:
        return None
    await require_hold(tx, reader, standing.owner)
    changes = {"assigned_agent_id": None, "snoozed_until": None, "waiting_since": standing.values["waiting_since"] or tx.now}
    return await move(tx, reader, standing, "released", changes)


async def mark_unread(tx: Tx, reader: Reader, debtor: UUID) -> UUID | None:
    """Let the client's last word wait as if nobody had read it. Returns the event's id, None where it waits already.

    Raises `Conflict` where the client never wrote, or where a colleague attends the conversation.
    """
    standing = await stand(tx, reader, debtor)
    await require_hold(tx, reader, standing.owner)
    if standing.last_inbound_position == 0:
        raise Conflict(N_("The client has not written yet: there is nothing to leave unread."))
    if standing.last_inbound_position > standing.values["read_position"]:
        return None
    return await move(tx, reader, standing, "marked_unread", {"read_position": standing.last_inbound_position - 1})


async def record_read(tx: Tx, reader: Reader, debtor: UUID, revision: int) -> None:
    """The owner has seen the timeline up to a revision: what arrived until then is no longer unread.

    Whoever only looks leaves it unread for the others: it waits until somebody takes it or answers.
    """
    if not reader.writes:
        return
    thread = await lock_thread(tx, debtor)
    moved = await tx.run(
        "update conversation c set read_position = seen.position from (select coalesce(max(position), 0) as position from entry"
        " where org_id = :org and conversation_id = :conversation and first_revision <= :revision) seen"
        " where c.org_id = :org and c.id = :conversation and c.last_inbound_position > c.read_position and seen.position > c.read_position"
        " and c.assigned_agent_id = :agent",
        conversation=thread.conversation_id,
        revision=revision,
        agent=reader.agent_id,
    )
    if moved:
        await touch(tx, thread.conversation_id)
