"""Merging: two people turn out to be one, and if that was wrong, they are two again with everything in its old place.

What a person wrote moves to the one who is kept (docs/decisions/0006); what they had been given stays theirs: keys, sealed bytes, verdicts.
`Merge.moved` remembers what cannot be told from the moved rows themselves.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, Forbidden, NotFound
from base.ids import new_id
from base.words import N_
from inbox import moving, returning
from inbox.access import Reader, access_debtor, kept_of, require_writer
from inbox.moves import require_client, require_hold, takes_over
from inbox.timeline import NewEntry, Thread, append, lock_threads, touch

MERGED, UNMERGED = "merged", "unmerged"


async def merge(tx: Tx, reader: Reader, kept: UUID, merged: UUID, *, take: bool = False) -> UUID:
    """Make two people one: everything of `merged` goes to `kept`; returns the merge's id. With `take`, nobody's client becomes the reader's.

    Of a known and an unknown person, the known one is kept. Raises `NotFound` for people whom the reader does not see, `Forbidden` for two known
    ones with portfolios that the reader does not serve, and `Conflict` for one who is attended by a colleague or has been merged already.
    """
    require_writer(reader)
    kept, merged, proven = await _who_is_kept(tx, reader, kept, merged)
    threads = await lock_threads(tx, (kept, merged))
    keeper, leaver = threads[kept], threads[merged]
    if "merged" in (keeper.state, leaver.state) or not await _is_still(tx, leaver, proven):
        raise Conflict(N_("One of them was joined with another client meanwhile. Look again."))
    if proven:
        _require_all_portfolios(reader, keeper, leaver)
    for thread in (keeper, leaver):
        require_client(thread)
        await require_hold(tx, reader, thread.assigned_agent_id)
    merge_id = new_id()
    entries = await moving.move_entries(tx, merge_id, leaver, keeper)
    moved = await moving.move_belongings(tx, leaver, keeper, proven=proven)
    moved |= await moving.join_conversations(tx, leaver, keeper, reader.agent_id if take else None)
    await tx.run(
        "insert into merge (org_id, id, kept_id, merged_id, agent_id, at, moved) values (:org, :id, :kept, :merged, :agent, :now, cast(:moved as jsonb))",
        id=merge_id,
        kept=kept,
        merged=merged,
        agent=reader.agent_id,
        moved=audit.canonical(moved),
    )
    await _note(tx, reader, keeper, MERGED, merge_id, entries)
    await touch(tx, leaver.conversation_id)
    await _audit(tx, reader, "client.merged", merge_id, kept, merged, entries)
    return merge_id


async def _who_is_kept(tx: Tx, reader: Reader, kept: UUID, merged: UUID) -> tuple[UUID, UUID, bool]:
    """The two people as they stand now, and whether the addresses of the one who goes were proven to be theirs as a known person's are."""
    one, other = await access_debtor(tx, reader, kept), await access_debtor(tx, reader, merged)
    if one.debtor_id == other.debtor_id:
        raise Conflict(N_("These two are one client already."))
    if one.kind == "provisional" and other.kind == "known":
        one, other = other, one
    return one.debtor_id, other.debtor_id, other.kind == "known"


async def _is_still(tx: Tx, leaver: Thread, proven: bool) -> bool:
    """Whether who goes is as known as they were before the locks: somebody else may have said meanwhile who they are."""
    kind = await tx.value("select kind from debtor where org_id = :org and id = :id", id=leaver.debtor_id)
    return bool((kind == "known") == proven)


def _require_all_portfolios(reader: Reader, *threads: Thread) -> None:
    """Two known people who become one are shown to the teams of both: only somebody who serves all of those can tell what that means.

    An unknown sender brings no portfolio along, so who serves one of the client's may say who wrote.
    """
    if not all(reader.sees_portfolio(one) for thread in threads for one in thread.portfolios):
        raise Forbidden(N_("These two can only be joined by somebody who serves all of their portfolios. Ask an administrator."))


async def undo(tx: Tx, reader: Reader, merge_id: UUID) -> UUID:
    """Make two people of one again; returns the conversation that is there again.

    What arrived meanwhile on addresses that only the merged one had goes back with them. Raises `NotFound`, `Forbidden` for agents who did
    not merge them, `Conflict` while a later merge stands on this one.
    """
    require_writer(reader)
    row = await tx.row("select kept_id, merged_id, agent_id, moved from merge where org_id = :org and id = :id", id=merge_id)
    if row is None:
        raise NotFound
    kept = await access_debtor(tx, reader, row.kept_id)
    if not may_undo(reader, row.agent_id):
        raise Forbidden(N_("Only the colleague who joined them, or a supervisor, can undo it."))
    if kept.debtor_id != row.kept_id:
        raise Conflict(N_("This client was joined with another one later. Undo that first."))
    threads = await lock_threads(tx, (row.kept_id, row.merged_id))
    keeper, leaver = threads[row.kept_id], threads[row.merged_id]
    if not await _close(tx, reader, merge_id):
        return leaver.conversation_id
    await _part(tx, reader, merge_id, keeper, leaver, row.moved)
    return leaver.conversation_id


def may_undo(reader: Reader, agent: UUID) -> bool:
    """Whether a reader may undo what an agent merged."""
    return reader.writes and (agent == reader.agent_id or takes_over(reader))


async def _close(tx: Tx, reader: Reader, merge_id: UUID) -> bool:
    """Whether this is the undo that counts, decided under both locks."""
    return bool(
        await tx.run(
            "update merge set undone_at = :now, undone_by = :agent where org_id = :org and id = :id and undone_at is null",
            id=merge_id,
            agent=reader.agent_id,
        )
    )


async def _part(tx: Tx, reader: Reader, merge_id: UUID, keeper: Thread, leaver: Thread, moved: dict[str, Any]) -> None:
    back, came = await returning.return_entries(tx, merge_id, leaver, keeper, moved)
    await returning.return_belongings(tx, leaver, keeper, moved)
    await returning.part_conversations(tx, leaver, keeper, moved, came)
    entries = back + came
    await _note(tx, reader, keeper, UNMERGED, merge_id, entries)
    await _note(tx, reader, leaver, UNMERGED, merge_id, entries)
    await _audit(tx, reader, "client.unmerged", merge_id, keeper.debtor_id, leaver.debtor_id, entries)


async def _note(tx: Tx, reader: Reader, thread: Thread, event: str, merge_id: UUID, entries: int) -> None:
    detail = {"event": event, "merge": merge_id, "entries": entries}
    await append(tx, thread, NewEntry(kind="event", agent_id=reader.agent_id, detail=detail))


async def _audit(tx: Tx, reader: Reader, action: str, merge_id: UUID, kept: UUID, merged: UUID, entries: int) -> None:
    facts = [
        audit.fact(f"agent:{reader.agent_id}", action, subject, merge=merge_id, kept=kept, merged=merged, entries=entries)
        for subject in (kept, merged)
    ]
    await audit.record_all(tx, facts)


async def living(tx: Tx, reader: Reader, conversation: UUID) -> UUID:
    """The conversation that this one lives on in: itself, unless its client was merged."""
    return await kept_of(tx, reader, conversation) or conversation


async def merges_of(tx: Tx, debtor: UUID) -> list[Any]:
    """The merges that stand and can be undone, newest first: `id`, `at`, `agent`, and the merged person's sealed name. The caller may see `debtor`."""
    rows = await tx.rows(
        "select g.id, g.at, g.agent_id, a.name as agent, g.merged_id as debtor_id, d.kind, d.ref, d.name_sealed, k.key_name, k.wrapped from merge g"
        " join debtor d on d.org_id = g.org_id and d.id = g.merged_id join person_key k on k.org_id = g.org_id and k.person_id = g.merged_id"
        " left join agent a on a.org_id = g.org_id and a.id = g.agent_id"
        " where g.org_id = :org and g.kept_id = :debtor and g.undone_at is null order by g.id desc",
        debtor=debtor,
    )
    return list(rows)
