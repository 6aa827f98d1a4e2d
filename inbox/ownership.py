"""Who attends a conversation: claimed, released, closed and reopened, each as an event in the timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict
from base.words import N_
from inbox.access import Reader, require_writer
from inbox.timeline import NewEntry, Thread, append, lock_thread, touch
from staff.models import Role


async def claim(tx: Tx, reader: Reader, debtor: UUID) -> None:
    """Take a conversation; supervisors also take it over. Raises `Conflict` where a colleague has it."""
    thread = await _locked(tx, reader, debtor)
    if thread.assigned_agent_id == reader.agent_id:
        return
    if thread.assigned_agent_id is not None and not takes_over(reader):
        raise Conflict(N_("A colleague attends this conversation already."))
    if thread.state == "closed":
        raise Conflict(N_("This conversation is closed. Reopen it first."))
    await _set(tx, thread, "assigned_agent_id = :agent, read_position = position", agent=reader.agent_id)
    await _note(tx, reader, thread, "claimed")


def takes_over(reader: Reader) -> bool:
    """Whether the role may take or close what a colleague attends: somebody must be able to when that colleague is away."""
    return reader.role in (Role.SUPERVISOR, Role.ADMIN)


async def release(tx: Tx, reader: Reader, debtor: UUID) -> None:
    """Give a conversation back to the queue. Raises `Conflict` where a colleague has it."""
    thread = await _locked(tx, reader, debtor)
    if thread.assigned_agent_id is None:
        return
    if thread.assigned_agent_id != reader.agent_id:
        raise Conflict(N_("A colleague attends this conversation already."))
    await _set(tx, thread, "assigned_agent_id = null")
    await _note(tx, reader, thread, "released")


async def close(tx: Tx, reader: Reader, debtor: UUID) -> None:
    """Close a conversation; the client's next word opens it again."""
    thread = await _locked(tx, reader, debtor)
    if thread.state == "closed":
        return
    if thread.assigned_agent_id not in (None, reader.agent_id) and not takes_over(reader):
        raise Conflict(N_("A colleague attends this conversation already."))
    await _set(tx, thread, "state = 'closed', assigned_agent_id = null")
    await _note(tx, reader, thread, "closed")


async def reopen(tx: Tx, reader: Reader, debtor: UUID) -> None:
    """Open a closed conversation: unknown people go back to triage."""
    thread = await _locked(tx, reader, debtor)
    if thread.state != "closed":
        return
    await _set(
        tx,
        thread,
        "state = case when (select kind from debtor where org_id = :org and id = :debtor) = 'known' then 'open' else 'triage' end",
        debtor=debtor,
    )
    await _note(tx, reader, thread, "reopened")


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


async def _locked(tx: Tx, reader: Reader, debtor: UUID) -> Thread:
    require_writer(reader)
    return await lock_thread(tx, debtor)


async def _set(tx: Tx, thread: Thread, change: str, **values: Any) -> None:  # noqa: ANN401 - column values
    await tx.run(
        f"update conversation set {change} where org_id = :org and id = :conversation", conversation=thread.conversation_id, **values
    )


async def _note(tx: Tx, reader: Reader, thread: Thread, event: str) -> None:
    await append(tx, thread, NewEntry(kind="event", agent_id=reader.agent_id, detail={"event": event}))
    await audit.record(tx, f"agent:{reader.agent_id}", f"conversation.{event}", thread.debtor_id, conversation=thread.conversation_id)
