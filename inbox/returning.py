"""How everything that a merge moved finds its way back, and with it what came meanwhile for the person who was merged. The caller holds both locks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from base.audit import canonical
from base.db import Tx
from debts.people import portfolios_of
from inbox.moving import RESTORED, count_again, end_of, image_of, reseal_draft, set_status
from inbox.timeline import Thread

Moved = dict[str, Any]
# What was declared towards the debts that go back.
_OF_DEBTS = "p.org_id = :org and p.debtor_id = :kept and p.debt_id = any(cast(:debts as uuid[]))"


async def return_entries(tx: Tx, merge: Any, leaver: Thread, keeper: Thread, moved: Moved) -> tuple[int, int]:  # noqa: ANN401 - an id
    """Entries go back to their old positions; those that came meanwhile follow behind. Returns how many of each."""
    both = {"source": leaver.conversation_id, "target": keeper.conversation_id}
    back = await tx.run(
        "with c as (update conversation set revision = revision + 1, card_revision = revision + 1 where org_id = :org and id = :source"
        " returning revision) update entry e set conversation_id = :source, revision = c.revision,"
        " position = cast(e.detail #>> array['merged', :merge, 'position'] as bigint),"
        " first_revision = cast(e.detail #>> array['merged', :merge, 'first_revision'] as bigint),"
        " detail = (e.detail - 'merged') || case when (e.detail -> 'merged') - cast(:merge as text) = '{}' then '{}'"
        " else jsonb_build_object('merged', (e.detail -> 'merged') - cast(:merge as text)) end"
        " from c where e.org_id = :org and e.conversation_id = :target and e.detail #> array['merged', :merge] is not null",
        merge=str(merge),
        **both,
    )
    came = await tx.run(
        "with n as (select e.id, row_number() over (order by e.position) as number from entry e where e.org_id = :org and e.conversation_id = :target"
        " and e.position > :end and e.detail -> 'merged' is null and (e.id in (select m.id from message m where m.org_id = :org"
        " and m.conversation_id = :target and m.debtor_id = :kept and m.address_id = any(cast(:addresses as uuid[])))"
        f" or e.id in (select p.entry_id from promise p where {_OF_DEBTS}) or e.id in (select p.entry_id from payment p where {_OF_DEBTS})"
        # That money was noted by mistake is told beside it.
        " or e.kind = 'event' and (e.detail ->> 'of' = any(cast(:money as text[]))"
        f" or e.detail ->> 'of' in (select cast(p.id as text) from promise p where {_OF_DEBTS})"
        f" or e.detail ->> 'of' in (select cast(p.id as text) from payment p where {_OF_DEBTS})))),"
        " c as (update conversation set position = position + (select count(*) from n), revision = revision + 1 where org_id = :org and id = :source"
        " returning position - (select count(*) from n) as base, revision)"
        " update entry e set conversation_id = :source, position = c.base + n.number, revision = c.revision, first_revision = c.revision"
        " from n, c where e.org_id = :org and e.id = n.id",
        kept=keeper.debtor_id,
        end=moved["end"],
        addresses=[link["address"] for link in moved["links"] if "made" in link],
        debts=moved["debts"],
        money=[*moved["promises"], *moved["payments"]],
        **both,
    )
    await _return_messages(tx, leaver, keeper)
    tx.changed(leaver.topic)
    tx.changed(keeper.topic)
    return back, came


async def _return_messages(tx: Tx, leaver: Thread, keeper: Thread) -> None:
    people = {"kept": keeper.debtor_id, "merged": leaver.debtor_id, "source": leaver.conversation_id}
    await tx.run(
        "update message m set debtor_id = :merged, conversation_id = :source from entry e where e.org_id = :org and e.conversation_id = :source"
        " and m.org_id = :org and m.id = e.id and m.debtor_id = :kept",
        **people,
    )
    await tx.run(
        "update contact_act a set debtor_id = :merged from entry e where e.org_id = :org and e.conversation_id = :source"
        " and a.org_id = :org and a.entry_id = e.id and a.debtor_id = :kept",
        **people,
    )


async def return_belongings(tx: Tx, leaver: Thread, keeper: Thread, moved: Moved) -> None:
    """Addresses, debts and all that hangs on them; who had been merged into the merged one is theirs again."""
    people = {"kept": keeper.debtor_id, "merged": leaver.debtor_id}
    await _return_links(tx, leaver, keeper, moved["links"])
    for table, ids in (("debt", moved["debts"]), ("party", moved["parties"])):
        await tx.run(
            f"update {table} set debtor_id = :merged where org_id = :org and id = any(cast(:ids as uuid[])) and debtor_id = :kept",
            ids=ids,
            **people,
        )
    for table, ids in (("promise", moved["promises"]), ("payment", moved["payments"])):
        await tx.run(
            f"update {table} set debtor_id = :merged where org_id = :org and debtor_id = :kept"
            " and (id = any(cast(:ids as uuid[])) or debt_id = any(cast(:debts as uuid[])))",
            ids=ids,
            debts=moved["debts"],
            **people,
        )
    await _return_notices(tx, leaver, keeper, moved["notices"])
    for one in moved["drafts"]:
        await _return_draft(tx, leaver, keeper, one)
    await tx.run(
        "update debtor set merged_into = :merged where org_id = :org and id = any(cast(:people as uuid[])) and merged_into = :kept",
        people=moved["people"],
        **people,
    )
    await tx.run("update debtor set merged_into = null where org_id = :org and id = :merged", **people)


async def _return_links(tx: Tx, leaver: Thread, keeper: Thread, links: list[dict[str, Any]]) -> None:
    """What was learnt of an address meanwhile is kept with the person to whom it goes back."""
    for link in links:
        if "raised" in link:
            await set_status(tx, link["raised"], "wrong_party")
            continue
        made = await tx.row(
            "delete from address_link where org_id = :org and id = cast(:id as uuid) returning id, dialable_sealed, status, consent",
            id=link["made"],
        )
        own = await tx.row("select id, dialable_sealed from address_link where org_id = :org and id = cast(:id as uuid)", id=link["of"])
        if made is None or own is None:
            continue
        dialable = keeper.person.open("address_link", made.id, "dialable", bytes(made.dialable_sealed))
        newer = leaver.person.open("address_link", own.id, "dialable", bytes(own.dialable_sealed)) != dialable
        await tx.run(
            "update address_link set dialable_sealed = coalesce(cast(:dialable as bytea), dialable_sealed), status = coalesce(cast(:status as text), status),"
            " consent = cast(:consent as jsonb) where org_id = :org and id = :id",
            id=own.id,
            dialable=leaver.person.seal("address_link", own.id, "dialable", dialable) if newer else None,
            status=made.status if made.status != link["status"] else None,
            consent=None if made.consent is None else canonical(made.consent),
        )


async def _return_notices(tx: Tx, leaver: Thread, keeper: Thread, moved: list[str]) -> None:
    """Those that moved, and those of entries that went back."""
    await tx.run(
        "update notice n set conversation_id = :source from agent a where a.org_id = :org and n.org_id = :org and n.agent_id = a.id"
        " and n.kind in ('mention', 'assigned', 'taken', 'woke', 'failed') and n.conversation_id = :target and (n.id = any(cast(:ids as uuid[]))"
        " or n.entry_id in (select e.id from entry e where e.org_id = :org and e.conversation_id = :source))",
        source=leaver.conversation_id,
        target=keeper.conversation_id,
        ids=moved,
    )


async def _return_draft(tx: Tx, leaver: Thread, keeper: Thread, one: dict[str, Any]) -> None:
    """A draft that nobody went on with; one that was goes on where it is."""
    row = await tx.row(
        "select d.agent_id, d.sealed from draft d where d.org_id = :org and d.agent_id = cast(:agent as uuid) and d.conversation_id = :target"
        " and d.revision = :revision and not exists (select from draft o where o.org_id = d.org_id and o.agent_id = d.agent_id"
        " and o.conversation_id = :source)",
        agent=one["agent"],
        revision=one["revision"],
        source=leaver.conversation_id,
        target=keeper.conversation_id,
    )
    if row is not None:
        await reseal_draft(tx, row, keeper, leaver)


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said in a conversation since a merge: by whom at all, our last word's position, and since when the client's next ones wait."""

    spoken: bool
    heard: bool
    answered: int | None
    waits: str | None

    def waiting(self, since: str | None) -> str | None:
        """Since when somebody waits who waited `since` then, as JSON has it."""
        return self.waits if self.answered else since or self.waits


async def part_conversations(tx: Tx, leaver: Thread, keeper: Thread, moved: Moved, came: int) -> None:
    """Both as they were; what was changed since stands, and what was said since counts for the one who said it or to whom it went."""
    now = await image_of(tx, keeper)
    own, theirs = await _said(tx, keeper, moved["end"]), await _said(tx, leaver, await end_of(tx, leaver) - came)
    read = now["read_position"] != moved["after"]["read_position"] and not own.answered and await _is_read(tx, keeper)
    kept, merged = await _kept(tx, keeper, moved, now, own, theirs), _merged(moved["before"]["merged"], theirs)
    for thread, image in ((keeper, kept), (leaver, merged)):
        await _restore(tx, thread, image)
        await count_again(tx, thread)
    if theirs.spoken:
        await _open_again(tx, leaver)
    if now["state"] != "closed" and (own.spoken or kept["assigned_agent_id"]):
        await _open_again(tx, keeper)
    if read:
        await tx.run(
            "update conversation set read_position = position where org_id = :org and id = :id and last_inbound_position > read_position",
            id=leaver.conversation_id,
        )


async def _kept(tx: Tx, keeper: Thread, moved: Moved, now: Moved, own: _Said, theirs: _Said) -> Moved:
    """The kept one's columns. An answer to one of the two says nothing of what the other wrote."""
    before, after = moved["before"]["kept"], moved["after"]
    kept = {name: before[name] if now[name] == after[name] else now[name] for name in RESTORED}
    if now["portfolios"] != after["portfolios"]:
        kept["portfolios"] = [str(one) for one in await portfolios_of(tx, keeper.debtor_id)] or before["portfolios"]
    kept["read_position"] = max(before["read_position"] if theirs.answered else kept["read_position"], own.answered or 0)
    if now["state"] == "closed":
        return kept | {"state": "closed", "waiting_since": None}
    kept["waiting_since"] = own.waiting(before["waiting_since"])
    if now["assigned_agent_id"] is None and after["assigned_agent_id"] is not None:
        kept["waiting_since"] = kept["waiting_since"] or now["waiting_since"]  # It was given back to the queue.
    if own.heard and now["snoozed_until"] is None:
        kept["snoozed_until"] = None
    return kept


def _merged(before: Moved, said: _Said) -> Moved:
    changed = {"waiting_since": said.waiting(before["waiting_since"]), "read_position": max(before["read_position"], said.answered or 0)}
    return before | changed | ({"snoozed_until": None} if said.heard else {})


async def _is_read(tx: Tx, thread: Thread) -> bool:
    return bool(
        await tx.value(
            "select last_inbound_position <= read_position from conversation where org_id = :org and id = :id", id=thread.conversation_id
        )
    )


async def _said(tx: Tx, thread: Thread, end: int) -> _Said:
    row = await tx.row(
        "with s as (select e.direction, e.position, e.received_at from entry e where e.org_id = :org and e.conversation_id = :id"
        " and e.kind = 'message' and e.position > :end),"
        " ours as (select max(position) as position, coalesce(max(received_at), '-infinity') as at from s where direction = 'out')"
        " select count(s.position) > 0 as spoken, coalesce(bool_or(s.direction = 'in'), false) as heard, ours.position as answered,"
        " to_jsonb(min(s.received_at) filter (where s.direction = 'in' and s.received_at > ours.at)) #>> '{}' as waits"
        " from ours left join s on true group by ours.position, ours.at",
        id=thread.conversation_id,
        end=end,
    )
    return _Said(row.spoken, row.heard, row.answered, row.waits) if row else _Said(False, False, None, None)


async def _restore(tx: Tx, thread: Thread, image: Moved) -> None:
    changes = ", ".join(f"{name} = r.{name}" for name in RESTORED)
    await tx.run(
        f"update conversation c set {changes} from jsonb_populate_record(cast(null as conversation), cast(:image as jsonb)) r"
        " where c.org_id = :org and c.id = :id",
        id=thread.conversation_id,
        image=canonical(image),
    )


async def _open_again(tx: Tx, thread: Thread) -> None:
    """What was said meanwhile opens a conversation that was closed, as it would have without the merge."""
    await tx.run(
        "update conversation c set disposition = null, state = case d.kind when 'known' then 'open' else 'triage' end from debtor d"
        " where c.org_id = :org and c.id = :id and c.state = 'closed' and d.org_id = c.org_id and d.id = c.debtor_id",
        id=thread.conversation_id,
    )
