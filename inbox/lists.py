"""Lists of conversations: windows without totals, offsets or counters, read in one statement with the reader's rights."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.db import Tx
from inbox.access import MAY_SEE, SERVES, Reader
from staff.models import Role

DEFAULT_ZONE = "America/Bogota"

WINDOW, MOST = 50, 500
COUNT_CAP = 100
_OPEN = "c.state in ('open', 'triage')"
# What was given to a team's queue waits for that team; whoever looks after all of them sees every queue.
_OURS = "(c.team_id is null or :everybody or c.team_id = any(cast(:teams as uuid[])))"
VIEWS = {
    # What came back to a test message of one's own is a word that somebody must read; the test itself is in no list.
    "mine": f"c.assigned_agent_id = :agent and ({_OPEN} or c.state = 'own' and c.waiting_since is not null) and c.snoozed_until is null",
    "unassigned": "c.state = 'open' and c.assigned_agent_id is null and c.waiting_since is not null and c.snoozed_until is null"
    f" and {_OURS}",
    "team": f"c.state = 'open' and c.position > 0 and c.snoozed_until is null and {_OURS}",
    "mentions": "c.state not in ('merged', 'own') and c.id in (select n.conversation_id from notice n where n.org_id = :org and n.agent_id = :agent"
    " and n.kind = 'mention' and n.done_at is null)",
    "snoozed": f"c.snoozed_until is not null and {_OPEN} and (c.assigned_agent_id = :agent or :everybody)",
    "triage": "c.state = 'triage' and c.snoozed_until is null",
    "closed": "c.state = 'closed'",
}
# Where people wait for somebody, the one who waits longest comes first; elsewhere what moved last does.
_NEWEST, _LONGEST = "c.last_at desc, c.id desc", "c.waiting_since nulls last, c.id"
ORDERS = {"unassigned": _LONGEST, "triage": _LONGEST, "snoozed": "c.snoozed_until, c.id"}
OWN = ("mine", "mentions", "snoozed")
_COUNTED = ("unassigned", "team", "triage")


def is_own(reader: Reader, view: str) -> bool:
    """Whether a list is each agent's own. Supervisors see what everybody of their portfolios put off, so theirs is shared."""
    return view in OWN and not (view == "snoozed" and sees_everybodys(reader))


def sees_everybodys(reader: Reader) -> bool:
    """Whether the role looks after what others put off."""
    return reader.role is not Role.AGENT


def scope_of(reader: Reader) -> Mapping[str, Any]:
    """The variables of `VIEWS` and `MAY_SEE`, but for the agent whose own list it is."""
    return {"everybody": sees_everybodys(reader), "teams": list(reader.teams), **reader.rights}


def slice_of(key: str) -> tuple[str, int] | None:
    """A list and how much of its beginning a key names: ``team``, or ``team:100`` where more was asked for. None for what does not exist."""
    view, _, size = key.partition(":")
    if view not in VIEWS:
        return None
    if not size:
        return view, WINDOW
    return (view, int(size)) if size in map(str, range(2 * WINDOW, MOST + 1, WINDOW)) else None


def longer(key: str) -> str | None:
    """The key of a list with as much again at its end; None where that would be too long to be kept live."""
    view, size = slice_of(key) or (key, MOST)
    return f"{view}:{size + WINDOW}" if size + WINDOW <= MOST else None


async def window(tx: Tx, reader: Reader, key: str) -> tuple[Sequence[Any], bool]:
    """The beginning of a list, in its order, with what the chips tell; and whether there is more of it. Raises KeyError for a list that does not
    exist."""
    found = slice_of(key)
    if found is None:
        raise KeyError(key)
    view, size = found
    order = ORDERS.get(view, _NEWEST)
    rows = await tx.rows(
        f"with c as materialized (select c.* from conversation c where c.org_id = :org and {VIEWS[view]} and {MAY_SEE} order by {order} limit :limit)"
        f"{_ROW} order by {order}",
        agent=reader.agent_id,
        limit=size + 1,
        **scope_of(reader),
    )
    return [Row(row, _fingerprint(row, tx.now)) for row in rows[:size]], len(rows) > size


async def left(tx: Tx, reader: Reader, conversations: Collection[UUID]) -> Sequence[Any]:
    """Conversations that were in a list and are not any more, as they are now; those that the reader may not see any more are missing."""
    rows = await tx.rows(
        f"with c as materialized (select c.* from conversation c where c.org_id = :org and c.id = any(:ids) and {MAY_SEE}){_ROW}",
        ids=list(conversations),
        **reader.rights,
    )
    return [Row(row, _fingerprint(row, tx.now)) for row in rows]


_ROW = (
    " select c.id, c.revision, c.state, c.debtor_id, c.last_at, c.assigned_agent_id, c.snoozed_until, c.waiting_since, c.disposition,"
    " c.last_inbound_position > c.read_position as unread, o.name as assignee, g.name as team, d.name_sealed, d.zone as client_zone, d.language as client_language,"
    " k.key_name, k.wrapped, e.text, e.kind, e.direction, e.channel, e.creditor_id as entry_portfolio, m.state as last_state,"
    " s.amount, s.currency,"
    " e.detail ->> 'may_opt_out' is not null as may_opt_out,"
    " l.id as link_id, l.channel as link_channel, l.dialable_sealed, l.profile_name_sealed, w.at + interval '24 hours' as window_ends,"
    " exists (select from address_link x join opt_out p on p.org_id = x.org_id and p.address_id = x.address_id and p.source <> 'doubt' and p.revoked_at is null"
    " where x.org_id = c.org_id and x.debtor_id = c.debtor_id and x.status <> 'wrong_party') as opted_out,"
    " (select array_agg(distinct p.due_on) from promise p where p.org_id = c.org_id and p.debtor_id = c.debtor_id and p.state = 'pending'"
    " and p.due_on between cast(cast(:now as timestamptz) as date) - 1 and cast(cast(:now as timestamptz) as date) + 1"
    " and (:sees_all or p.creditor_id is null or p.creditor_id = any(cast(:portfolios as uuid[])))) as promised"
    " from c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
    " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id"
    " left join agent o on o.org_id = c.org_id and o.id = c.assigned_agent_id left join team g on g.org_id = c.org_id and g.id = c.team_id"
    " left join entry e on e.org_id = c.org_id and e.id = c.last_entry_id"
    " left join message m on m.org_id = c.org_id and m.id = c.last_entry_id"
    " left join lateral (select p.amount, p.currency from promise p where e.kind = 'promise' and p.org_id = c.org_id"
    " and p.id = cast(case e.kind when 'promise' then e.detail ->> 'promise' end as uuid) and p.state <> 'taken_back'"
    " union all select p.amount, p.currency from payment p where e.kind = 'payment' and p.org_id = c.org_id"
    " and p.id = cast(case e.kind when 'payment' then e.detail ->> 'payment' end as uuid) and p.state <> 'taken_back') s on true"
    " left join lateral (select x.id, x.dialable_sealed, x.profile_name_sealed, a.channel from address_link x"
    " join address a on a.org_id = x.org_id and a.id = x.address_id"
    " where d.kind = 'provisional' and x.org_id = c.org_id and x.debtor_id = c.debtor_id order by x.created_at, x.id limit 1) l on true"
    " left join lateral (select max(t.at) as at from contact_act t where t.org_id = c.org_id and t.debtor_id = c.debtor_id"
    " and t.channel = 'whatsapp' and t.direction = 'in' and t.at > cast(:now as timestamptz) - interval '24 hours') w on true"
)


class Row:
    """A row of a list. `fingerprint` changes with the conversation's revision, and with what the mere passing of time changes in the row."""

    __slots__ = ("_row", "fingerprint")

    def __init__(self, row: Any, fingerprint: str) -> None:  # noqa: ANN401 - a row of `_ROW`
        self._row = row
        self.fingerprint = fingerprint

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a column
        return getattr(self._row, name)


CLOSING_SOON = timedelta(hours=4)


LONG_WAIT = timedelta(hours=1)


def waits_long(row: Any, now: datetime) -> bool:  # noqa: ANN401 - a row of `_ROW`
    """Whether the client has waited for an answer for an hour."""
    return row.waiting_since is not None and bool(now - row.waiting_since >= LONG_WAIT)


def window_left(row: Any, now: datetime) -> timedelta | None:  # noqa: ANN401 - a row of `_ROW`
    """How long free text may still be sent on WhatsApp, where that is less than four hours; None where it is more, or not open."""
    rest: timedelta | None = row.window_ends - now if row.window_ends else None
    return rest if rest is not None and timedelta(0) < rest < CLOSING_SOON else None


def promise_is_due(row: Any, now: datetime) -> bool:  # noqa: ANN401 - a row of `_ROW`
    """Whether the client promised to pay on this day of their own calendar."""
    return bool(row.promised) and now.astimezone(_zone(row.client_zone)).date() in row.promised


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or DEFAULT_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(DEFAULT_ZONE)


def _fingerprint(row: Any, now: datetime) -> str:  # noqa: ANN401 - a row of `_ROW`
    soon, due = window_left(row, now) is not None, promise_is_due(row, now)
    return f"{row.revision}{'o' if row.opted_out else ''}{'w' if soon else ''}{'p' if due else ''}{'l' if waits_long(row, now) else ''}"


async def counts(tx: Tx, reader: Reader, agents: Collection[UUID]) -> tuple[dict[str, int], dict[UUID, tuple[int, ...]]]:
    """How many each shared list holds, counted no further than `COUNT_CAP`, and how many each of these agents' own ones (`OWN`, in order).

    All of it with the rights of `reader`, in one statement.
    """
    parts = [f"{_capped(VIEWS[view])} as {view}" for view in _COUNTED]
    own = ", ".join(_capped(VIEWS[view]).replace(":agent", "a.agent") for view in OWN)
    row = await tx.row(
        f"select {', '.join(parts)}, (select jsonb_object_agg(a.agent, jsonb_build_array({own})) from unnest(cast(:agents as uuid[])) a(agent)) as own",
        cap=COUNT_CAP,
        agents=list(agents),
        **scope_of(reader),
    )
    shared = dict(row._mapping) if row else {}
    owned = shared.pop("own", None) or {}
    return shared, {agent: tuple(owned.get(str(agent), (0,) * len(OWN))) for agent in agents}


def _capped(condition: str) -> str:
    """A number of `VIEWS`, which hold no test of anybody's but one's own."""
    return f"(select count(*) from (select from conversation c where c.org_id = :org and {condition} and {SERVES} limit :cap) capped)"


def digest(rows: Sequence[Any], shared: Mapping[str, int], day: str, *, more: bool) -> str:
    """A short name of exactly this window: its rows and their fingerprints in order, whether there is more, the numbers on the shared tabs, and the
    reader's day.

    The day is in it because rows tell times of today and dates of other days.
    """
    text = f"{day} {more} " + ",".join(f"{row.id}:{row.fingerprint}" for row in rows) + repr(sorted(shared.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def personal(shared_digest: str, own: Sequence[int]) -> str:
    """The name of what one agent sees: the shared window, and the numbers on their own tabs."""
    return ".".join((shared_digest, *map(str, own)))


async def page(
    tx: Tx, reader: Reader, *, state: str | None, assigned: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Any]:
    """A page of conversations for the API, newest first, after the keyset cursor `before`. Those that live on in another are in that one's place."""
    return await tx.rows(
        "select c.id, c.debtor_id, c.state, c.revision, c.assigned_agent_id, c.last_at, c.last_inbound_position > c.read_position as unread"
        f" from conversation c where c.org_id = :org and c.state not in ('merged', 'own') and {MAY_SEE}"
        " and (cast(:state as text) is null or c.state = :state) and (cast(:assigned as uuid) is null or c.assigned_agent_id = :assigned)"
        " and (cast(:at as timestamptz) is null or (c.last_at, c.id) < (:at, cast(:id as uuid)))"
        " order by c.last_at desc, c.id desc limit :limit",
        state=state,
        assigned=assigned,
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
        **reader.rights,
    )
