"""What moves when two people become one; `inbox.returning` is the way back. The caller holds both people's locks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base.db import Tx
from base.ids import new_id
from inbox.timeline import Thread

# In `entry.detail`: by merge, where the entry stood before. A person may be merged, with all they had been given, once more.
_FROM = "jsonb_build_object(cast(:merge as text), jsonb_build_object('position', e.position, 'first_revision', e.first_revision))"
_OWNED = {"debts": "debt", "promises": "promise", "payments": "payment"}
RESTORED = ("state", "assigned_agent_id", "team_id", "waiting_since", "snoozed_until", "read_position", "disposition", "portfolios")


async def move_entries(tx: Tx, merge: UUID, leaver: Thread, keeper: Thread) -> int:
    """Append the entries to the kept timeline, each with a note of where it stood, and the messages and contacts with them; returns how many."""
    moved = await tx.run(
        "with n as (select id, row_number() over (order by position) as number from entry where org_id = :org and conversation_id = :source),"
        " c as (update conversation set position = position + (select count(*) from n), revision = revision + 1, card_revision = revision + 1"
        " where org_id = :org and id = :target returning position - (select count(*) from n) as base, revision)"
        " update entry e set conversation_id = :target, position = c.base + n.number, revision = c.revision, first_revision = c.revision,"
        f" detail = e.detail || jsonb_build_object('merged', coalesce(e.detail -> 'merged', '{{}}') || {_FROM})"
        " from n, c where e.org_id = :org and e.id = n.id",
        merge=str(merge),
        source=leaver.conversation_id,
        target=keeper.conversation_id,
    )
    for table in ("message", "contact_act"):
        place = ", conversation_id = :target" if table == "message" else ""
        await tx.run(
            f"update {table} set debtor_id = :kept{place} where org_id = :org and debtor_id = :merged",
            kept=keeper.debtor_id,
            merged=leaver.debtor_id,
            **({"target": keeper.conversation_id} if place else {}),
        )
    tx.changed(keeper.topic)
    return moved


async def move_belongings(tx: Tx, leaver: Thread, keeper: Thread, *, proven: bool) -> dict[str, Any]:
    """Addresses, debts and all that hangs on them; returns what must be known to bring them back."""
    people = {"kept": keeper.debtor_id, "merged": leaver.debtor_id}
    moved: dict[str, Any] = {"links": await _move_links(tx, leaver, keeper, proven=proven)}
    for name, table in _OWNED.items():
        moved[name] = await _ids(
            tx, f"update {table} set debtor_id = :kept where org_id = :org and debtor_id = :merged returning id", people
        )
    # Nobody stands twice beside one debt, nor beside their own.
    moved["parties"] = await _ids(
        tx,
        "update party p set debtor_id = :kept where p.org_id = :org and p.debtor_id = :merged and not exists (select from party q"
        " where q.org_id = p.org_id and q.debt_id = p.debt_id and q.debtor_id = :kept) and not exists (select from debt b"
        " where b.org_id = p.org_id and b.id = p.debt_id and b.debtor_id = :kept) returning p.id",
        people,
    )
    moved["notices"] = await _ids(
        tx,
        "update notice n set conversation_id = :target from agent a where a.org_id = :org and n.org_id = :org and n.agent_id = a.id"
        " and n.kind in ('mention', 'assigned', 'taken', 'woke', 'failed') and n.conversation_id = :source and n.done_at is null returning n.id",
        {"source": leaver.conversation_id, "target": keeper.conversation_id},
    )
    moved["drafts"] = await _move_drafts(tx, leaver, keeper)
    moved["people"] = await _ids(
        tx, "update debtor set merged_into = :kept where org_id = :org and merged_into = :merged returning id", people
    )
    await tx.run("update debtor set merged_into = :kept where org_id = :org and id = :merged", **people)
    return moved


async def _ids(tx: Tx, sql: str, values: dict[str, UUID]) -> list[UUID]:
    return [row.id for row in await tx.rows(sql, **values)]


async def _move_links(tx: Tx, leaver: Thread, keeper: Thread, *, proven: bool) -> list[dict[str, Any]]:
    """The kept person gets each address under their own key. One that both have stays as it is, but is no longer said to be somebody else's."""
    rows = await tx.rows(
        "select l.id, l.address_id, l.dialable_sealed, l.profile_name_sealed, l.status, l.since, k.id as own_id, k.status as own_status"
        " from address_link l left join address_link k on k.org_id = l.org_id and k.address_id = l.address_id and k.debtor_id = :kept"
        " where l.org_id = :org and l.debtor_id = :merged order by l.created_at, l.id",
        kept=keeper.debtor_id,
        merged=leaver.debtor_id,
    )
    links = []
    for row in rows:
        status = row.status if proven or row.status == "wrong_party" else "claimed"
        if row.own_id is None:
            made = await _copy_link(tx, row, leaver, keeper, status)
            links.append({"of": row.id, "made": made, "address": row.address_id, "status": status})
        elif row.own_status == "wrong_party" != status:
            await set_status(tx, row.own_id, status)
            links.append({"of": row.id, "raised": row.own_id, "status": status})
    return links


async def _copy_link(tx: Tx, row: Any, leaver: Thread, keeper: Thread, status: str) -> UUID:  # noqa: ANN401 - a row
    made = new_id()
    sealed = {
        field: None
        if blob is None
        else keeper.person.seal("address_link", made, field, leaver.person.open("address_link", row.id, field, bytes(blob)))
        for field, blob in (("dialable", row.dialable_sealed), ("profile_name", row.profile_name_sealed))
    }
    await tx.run(
        "insert into address_link (org_id, id, address_id, debtor_id, dialable_sealed, number_ends, profile_name_sealed, source, preferred_at, status,"
        " since, consent, created_at)"
        " select :org, :made, address_id, :kept, :dialable, number_ends, cast(:profile_name as bytea), 'merge', preferred_at, :status, since, consent, created_at"
        " from address_link where org_id = :org and id = :of",
        made=made,
        of=row.id,
        kept=keeper.debtor_id,
        status=status,
        **sealed,
    )
    return made


async def set_status(tx: Tx, link: UUID | str, status: str) -> None:
    """What is said of one link between an address and a person."""
    await tx.run("update address_link set status = :status where org_id = :org and id = cast(:id as uuid)", id=str(link), status=status)


async def _move_drafts(tx: Tx, leaver: Thread, keeper: Thread) -> list[dict[str, Any]]:
    """What agents were writing goes along, unless they are writing to the kept person already."""
    moved = []
    rows = await tx.rows(
        "select d.agent_id, d.sealed, d.revision from draft d where d.org_id = :org and d.conversation_id = :source and not exists"
        " (select from draft o where o.org_id = d.org_id and o.agent_id = d.agent_id and o.conversation_id = :target)",
        source=leaver.conversation_id,
        target=keeper.conversation_id,
    )
    for row in rows:
        await reseal_draft(tx, row, leaver, keeper)
        moved.append({"agent": row.agent_id, "revision": row.revision})
    return moved


async def reseal_draft(tx: Tx, row: Any, source: Thread, target: Thread) -> None:  # noqa: ANN401 - a row
    """One agent's draft, from one person's key and conversation to another's."""
    words = source.person.open("draft", source.conversation_id, str(row.agent_id), bytes(row.sealed))
    await tx.run(
        "update draft set conversation_id = :target, debtor_id = :debtor, sealed = :sealed"
        " where org_id = :org and agent_id = :agent and conversation_id = :source",
        agent=row.agent_id,
        source=source.conversation_id,
        target=target.conversation_id,
        debtor=target.debtor_id,
        sealed=target.person.seal("draft", target.conversation_id, str(row.agent_id), words),
    )


async def join_conversations(tx: Tx, leaver: Thread, keeper: Thread, taker: UUID | None) -> dict[str, Any]:
    """One conversation where there were two: it waits since the earlier word, is read where both were, and belongs to both portfolios.

    Returns how both were before and how the kept one is now, so that what nobody changed since can be set back.
    """
    before = {"kept": await image_of(tx, keeper), "merged": await image_of(tx, leaver)}
    await tx.run(
        "update conversation k set assigned_agent_id = coalesce(k.assigned_agent_id, m.assigned_agent_id, cast(:taker as uuid)),"
        " state = case when k.state = 'closed' and m.state <> 'closed' then case d.kind when 'known' then 'open' else 'triage' end else k.state end,"
        " disposition = case when k.state = 'closed' and m.state <> 'closed' then null else k.disposition end,"
        " waiting_since = least(k.waiting_since, m.waiting_since),"
        " snoozed_until = case when m.waiting_since is null then k.snoozed_until end,"
        " read_position = case when k.last_inbound_position <= k.read_position and m.last_inbound_position <= m.read_position then k.position"
        " else k.read_position end, portfolios = array(select distinct unnest(k.portfolios || m.portfolios) order by 1)"
        " from conversation m, debtor d where k.org_id = :org and k.id = :kept and m.org_id = :org and m.id = :merged"
        " and d.org_id = :org and d.id = k.debtor_id",
        kept=keeper.conversation_id,
        merged=leaver.conversation_id,
        taker=taker,
    )
    await tx.run(
        "update conversation set state = 'merged', assigned_agent_id = null, team_id = null, waiting_since = null, snoozed_until = null"
        " where org_id = :org and id = :merged",
        merged=leaver.conversation_id,
    )
    await count_again(tx, keeper)
    return {"before": before, "after": await image_of(tx, keeper), "end": await end_of(tx, keeper)}


async def image_of(tx: Tx, thread: Thread) -> dict[str, Any]:
    """The columns of a conversation that a merge may change and its undoing sets back, as JSON has them."""
    columns = ", ".join(f"'{name}', c.{name}" for name in RESTORED)
    image: dict[str, Any] = await tx.value(
        f"select jsonb_build_object({columns}) from conversation c where c.org_id = :org and c.id = :id", id=thread.conversation_id
    )
    return image


async def end_of(tx: Tx, thread: Thread) -> int:
    """The position of the newest entry."""
    end: int = await tx.value("select position from conversation where org_id = :org and id = :id", id=thread.conversation_id)
    return end


async def count_again(tx: Tx, thread: Thread) -> None:
    """What a conversation says of its entries, from the entries that it has now."""
    await tx.run(
        "update conversation c set last_inbound_position = coalesce((select max(e.position) from entry e where e.org_id = :org"
        " and e.conversation_id = :id and e.kind = 'message' and e.direction = 'in'), 0),"
        " last_entry_id = last.id, last_at = coalesce(last.received_at, c.created_at)"
        " from (select 1) one left join lateral (select e.id, e.received_at from entry e where e.org_id = :org and e.conversation_id = :id"
        " and e.kind <> 'event' order by e.received_at desc, e.position desc limit 1) last on true where c.org_id = :org and c.id = :id",
        id=thread.conversation_id,
    )
