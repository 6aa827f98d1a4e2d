"""What one agent should know: they were mentioned, given a conversation or lost one, one of theirs woke, a message of theirs failed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.ids import new_id
from inbox.access import Reader
from inbox.moves import Standing, standing_of, tell
from inbox.timeline import lock_thread

TOPIC = "me"
NEWEST = 10
COUNT_CAP = 100


async def notify(tx: Tx, agent: UUID, kind: str, conversation: UUID, *, entry: UUID | None = None, by: UUID | None = None) -> UUID:
    """Tell one agent of something: ``mention``, ``assigned``, ``taken``, ``woke``, ``failed`` or ``unconfirmed``. Returns the notice's id."""
    notice = new_id()
    await tx.run(
        "insert into notice (org_id, id, agent_id, kind, conversation_id, entry_id, by_id, at) values (:org, :id, :agent, :kind, :conversation,"
        " cast(:entry as uuid), cast(:by as uuid), :now)",
        id=notice,
        agent=agent,
        kind=kind,
        conversation=conversation,
        entry=entry,
        by=by,
    )
    tx.changed(TOPIC)
    return notice


async def tell_former(tx: Tx, standing: Standing, by: UUID, receiver: UUID | None = None) -> list[str]:
    """Tell whoever attended a conversation who attends it now, unless they gave it away themselves; returns the ids of the notices."""
    if standing.owner in (None, by):
        return []
    return [str(await notify(tx, standing.owner, "taken", standing.thread.conversation_id, by=receiver or by))]


async def standings(tx: Tx, agents: Collection[UUID]) -> dict[UUID, list[Any]]:
    """How things stand for each of these agents, in one statement: rows with their numbers, the newest unread word and one open notice each.

    A row's `id` is null where an agent has no open notice. `portfolios` are the conversation's: whoever shows a row to an agent must ask
    `sees` first, because rights may have changed since the notice was written.
    """
    rows = await tx.rows(
        "select a.agent, u.unread, u.unseen, w.id as word_id, w.last_inbound_position as word_position, we.received_at as word_at, w.debtor_id as word_debtor,"
        " wd.name_sealed as word_name,"
        " wk.key_name as word_key_name, wk.wrapped as word_wrapped, w.portfolios as word_portfolios, n.id, n.kind, n.conversation_id, n.at, n.seen_at,"
        " n.by_name, n.portfolios, n.debtor_id, n.name_sealed, n.key_name, n.wrapped from unnest(cast(:agents as uuid[])) a(agent)"
        " cross join lateral (select (select count(*) from (select from conversation c where c.org_id = :org and c.assigned_agent_id = a.agent"
        " and c.state in ('open', 'triage') and c.last_inbound_position > c.read_position limit :cap) x) as unread,"
        " (select count(*) from (select from notice s where s.org_id = :org and s.agent_id = a.agent and s.seen_at is null limit :cap) y) as unseen) u"
        " left join lateral (select c.id, c.last_inbound_position, c.debtor_id, c.portfolios from conversation c where c.org_id = :org"
        " and c.assigned_agent_id = a.agent and c.state in ('open', 'triage') and c.last_inbound_position > c.read_position"
        " order by c.last_at desc, c.id desc limit 1) w on true"
        " left join entry we on we.org_id = :org and we.conversation_id = w.id and we.position = w.last_inbound_position"
        " left join debtor wd on wd.org_id = :org and wd.id = w.debtor_id left join person_key wk on wk.org_id = :org and wk.person_id = w.debtor_id"
        " left join lateral (select n.id, n.kind, n.conversation_id, n.at, n.seen_at, b.name as by_name, c.portfolios, c.debtor_id, d.name_sealed,"
        " k.key_name, k.wrapped from (select o.id, o.kind, o.conversation_id, o.at, o.seen_at, o.by_id from notice o"
        " where o.org_id = :org and o.agent_id = a.agent and o.done_at is null"
        " order by o.at desc, o.id desc limit :newest) n join conversation c on c.org_id = :org and c.id = n.conversation_id and c.state <> 'merged'"
        " join debtor d on d.org_id = :org and d.id = c.debtor_id join person_key k on k.org_id = :org and k.person_id = c.debtor_id"
        " left join agent b on b.org_id = :org and b.id = n.by_id) n on true order by a.agent, n.at desc, n.id desc",
        agents=list(agents),
        cap=COUNT_CAP,
        newest=NEWEST,
    )
    found: dict[UUID, list[Any]] = {agent: [] for agent in agents}
    for row in rows:
        found[row.agent].append(row)
    return found


def sees(reader: Reader, portfolios: Sequence[UUID] | None) -> bool:
    """Whether a conversation of these portfolios is the reader's to see: `inbox.access.MAY_SEE` for a row that was read for many."""
    return reader.sees_all or not portfolios or not set(portfolios).isdisjoint(reader.portfolios)


async def see(tx: Tx, reader: Reader) -> None:
    """The reader has looked at their notices: they leave the badge, and what was seen a day ago and asks for nothing leaves the list."""
    changed = await tx.run(
        "update notice set seen_at = coalesce(seen_at, :now), done_at = case when kind <> 'mention' and seen_at < cast(:now as timestamptz) - interval '1 day' then :now"
        " else done_at end where org_id = :org and agent_id = :agent and (seen_at is null or (done_at is null and kind <> 'mention'"
        " and seen_at < cast(:now as timestamptz) - interval '1 day'))",
        agent=reader.agent_id,
    )
    if changed:
        tx.changed(TOPIC)
        await audit.record(tx, f"agent:{reader.agent_id}", "notices.seen")


async def finish_mentions(tx: Tx, reader: Reader, debtor: UUID) -> UUID | None:
    """The reader has done what they were mentioned for in a conversation, whoever attends it; reviewers are mentioned, too.

    Returns the event's id, None where no mention was open.
    """
    standing = await standing_of(tx, await lock_thread(tx, debtor))
    rows = await tx.rows(
        "update notice set done_at = :now, seen_at = coalesce(seen_at, :now) where org_id = :org and agent_id = :agent and kind = 'mention'"
        " and conversation_id = :conversation and done_at is null returning id",
        agent=reader.agent_id,
        conversation=standing.thread.conversation_id,
    )
    if not rows:
        return None
    tx.changed(TOPIC)
    detail = {"event": "mentions_done", "finished": sorted(str(row.id) for row in rows), "before": {}, "after": {}}
    return await tell(tx, reader, standing.thread, "mentions_done", detail, {})


async def take_back(tx: Tx, notices: Sequence[UUID]) -> None:
    """An act that told somebody was undone: they need not know of it any more."""
    await tx.run(
        "update notice set done_at = :now, seen_at = coalesce(seen_at, :now) where org_id = :org and id = any(:ids)", ids=list(notices)
    )
    tx.changed(TOPIC)


async def open_again(tx: Tx, reader: Reader, notices: Sequence[UUID]) -> None:
    """Mentions that were done by mistake are open again."""
    await tx.run(
        "update notice set done_at = null where org_id = :org and agent_id = :agent and id = any(:ids)",
        agent=reader.agent_id,
        ids=list(notices),
    )
    tx.changed(TOPIC)
