"""One timeline as screens read it: windows by time in both directions, and what changed since a revision. A line brings all that is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from base.db import Tx
from inbox.access import Reader
from inbox.lines import Cursor, File, Line

WINDOW = 50
MOST_CHANGES = 200
DECISIONS = ("refused", "opted_out", "opted_in", "asked_no_more", "not_asked", "address_failed", "switched_off", "switched_on")
Show = Literal["all", "messages", "notes", "calls", "payments", "decisions"]
# What each choice lets through, as a condition on entries.
_SHOWN: dict[str, str] = {
    "all": "",
    "messages": " and e.kind = 'message'",
    "notes": " and e.kind = 'note'",
    "calls": " and e.kind = 'call'",
    "payments": " and e.kind in ('promise', 'payment')",
    "decisions": " and (e.kind = 'event' and e.detail->>'event' = any(cast(:decisions as text[])) or e.kind = 'message' and exists (select from message w"
    " where w.org_id = e.org_id and w.id = e.id and w.state = 'withheld'))",
}
# A choice of kinds would tell the kind of what another portfolio's entry is.
_OWN = " and (:sees_all or e.creditor_id is null or e.creditor_id = any(cast(:portfolios as uuid[])))"


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring lines, oldest first; whether there is more on either side; and when the whole story began."""

    lines: tuple[Line, ...]
    older: bool
    newer: bool
    began: datetime | None


_COLUMNS = (
    "e.id, e.conversation_id, e.position, e.revision, e.kind, e.channel, e.direction, e.creditor_id, e.text, e.detail, e.carrier_at, e.received_at, a.name as agent,"
    " d.zone as client_zone, d.language as client_language,"
    " m.state, m.carrier_id, m.segments, m.error_code, m.error_reason, m.hold, m.due_at, m.ruling, m.ruled_at, u.name as ruled_by,"
    " t.name as template, t.language as template_language, t.category as template_category, t.buttons as template_buttons,"
    " q.id as quoted_id, left(q.text, 160) as quoted_text, q.direction as quoted_direction, qa.name as quoted_agent, q.creditor_id as quoted_creditor_id,"
    " q.kind as quoted_kind, q.position as quoted_position, q.received_at as quoted_at,"
    " f.amount, f.currency, f.paid_on, f.money_state, f.origin, named.list as mentioned, files.list as files"
)
# Promises and payments are found through their client, and through whoever was merged into them.
_JOINS = (
    " join conversation c on c.org_id = e.org_id and c.id = e.conversation_id join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
    " left join message m on m.org_id = e.org_id and m.id = e.id left join agent a on a.org_id = e.org_id and a.id = e.agent_id"
    " left join agent u on u.org_id = m.org_id and u.id = m.ruled_by left join template t on t.org_id = m.org_id and t.id = m.template_id"
    " left join entry q on q.org_id = e.org_id and q.id = cast(e.detail->>'reply_to' as uuid) and q.conversation_id = e.conversation_id"
    " left join agent qa on qa.org_id = q.org_id and qa.id = q.agent_id"
    " left join lateral (select array_agg(g.name) as list from agent g where e.kind = 'note' and g.org_id = e.org_id and g.id in"
    " (select cast(told as uuid) from jsonb_array_elements_text(e.detail->'mentions') told)) named on true"
    " left join lateral (select p.amount, p.currency, p.due_on as paid_on, p.state as money_state, p.channel as origin from promise p"
    " where e.kind = 'promise' and p.org_id = e.org_id and p.entry_id = e.id and p.debtor_id in (select c.debtor_id union all"
    " select g.merged_id from merge g where g.org_id = e.org_id and g.kept_id = c.debtor_id and g.undone_at is null)"
    " union all select y.amount, y.currency, y.paid_on, y.state, null from payment y"
    " where e.kind = 'payment' and y.org_id = e.org_id and y.entry_id = e.id and y.debtor_id in (select c.debtor_id union all"
    " select g.merged_id from merge g where g.org_id = e.org_id and g.kept_id = c.debtor_id and g.undone_at is null) limit 1) f on true"
    " left join lateral (select json_agg(json_build_object('id', x.id, 'state', x.state, 'content_type', x.content_type, 'size', x.size, 'error', x.error,"
    " 'name', encode(x.name_sealed, 'hex'), 'person', x.person_id, 'key_name', k.key_name, 'wrapped', encode(k.wrapped, 'hex')) order by x.position, x.id)"
    " as list from attachment x left join person_key k on k.org_id = x.org_id and k.person_id = x.person_id and x.name_sealed is not null"
    " where x.org_id = e.org_id and x.entry_id = e.id) files on true"
)
_BEGAN = "(select b.received_at from entry b where b.org_id = :org and b.conversation_id = :conversation order by b.received_at, b.position limit 1) as began"
_MINE = "select e.id from entry e where e.org_id = :org and e.conversation_id = :conversation"
_BACKWARDS = " order by e.received_at desc, e.position desc limit :limit"
_FORWARDS = " order by e.received_at, e.position limit :limit"
_EARLIER = " and (e.received_at, e.position) < (:at, cast(:position as bigint))"
_LATER = " and (e.received_at, e.position) > (:at, cast(:position as bigint))"
_SINCE = " and (e.received_at, e.position) >= (:at, cast(:position as bigint))"


async def latest(tx: Tx, reader: Reader, conversation: UUID, show: Show = "all") -> Window:
    """The end of a timeline."""
    lines, began = await _chosen(tx, reader, conversation, show, f"{_MINE}{_shown(show)}{_BACKWARDS}")
    return Window(lines[-WINDOW:], older=len(lines) > WINDOW, newer=False, began=began)


async def earlier(tx: Tx, reader: Reader, conversation: UUID, before: Cursor, show: Show = "all") -> Window:
    """What came before a place."""
    lines, began = await _chosen(tx, reader, conversation, show, f"{_MINE}{_shown(show)}{_EARLIER}{_BACKWARDS}", before)
    return Window(lines[-WINDOW:], older=len(lines) > WINDOW, newer=True, began=began)


async def later(tx: Tx, reader: Reader, conversation: UUID, after: Cursor, show: Show = "all") -> Window:
    """What came after a place."""
    lines, began = await _chosen(tx, reader, conversation, show, f"{_MINE}{_shown(show)}{_LATER}{_FORWARDS}", after)
    return Window(lines[:WINDOW], older=True, newer=len(lines) > WINDOW, began=began)


async def around(tx: Tx, reader: Reader, conversation: UUID, place: Cursor, show: Show = "all") -> Window:
    """Half a window before a place, and half a window from it on."""
    half = WINDOW // 2
    both = f"({_MINE}{_shown(show)}{_EARLIER}{_BACKWARDS}) union all ({_MINE}{_shown(show)}{_SINCE}{_FORWARDS})"
    lines, began = await _chosen(tx, reader, conversation, show, both, place, limit=half + 1)
    middle = next(
        (index for index, line in enumerate(lines) if (line.received_at, line.position) >= (place.moment, place.position)), len(lines)
    )
    older, newer = middle > half, len(lines) - middle > half
    return Window(lines[1 if older else 0 : len(lines) - 1 if newer else len(lines)], older=older, newer=newer, began=began)


async def changed(tx: Tx, conversation: UUID, since: int) -> Sequence[Line]:
    """Lines that are new or changed after revision `since`, by position; one more than `MOST_CHANGES` at the most."""
    rows = await tx.rows(
        f"select {_COLUMNS} from entry e{_JOINS} where e.org_id = :org and e.conversation_id = :conversation and e.revision > :since"
        " order by e.position limit :limit",
        conversation=conversation,
        since=since,
        limit=MOST_CHANGES + 1,
    )
    return _lines(tx, rows)


async def page(tx: Tx, conversation: UUID, *, since: int, after: int, limit: int) -> Sequence[Line]:
    """Lines changed after revision `since`, from position `after` on: the API's page."""
    rows = await tx.rows(
        f"select {_COLUMNS} from entry e{_JOINS} where e.org_id = :org and e.conversation_id = :conversation and e.revision > :since"
        " and e.position > :after order by e.position limit :limit",
        conversation=conversation,
        since=since,
        after=after,
        limit=limit,
    )
    return _lines(tx, rows)


async def newest(tx: Tx, conversation: UUID, *, limit: int = WINDOW) -> Sequence[Line]:
    """The last lines of a timeline, oldest first, of every portfolio."""
    rows = await tx.rows(
        f"with chosen as ({_MINE}{_BACKWARDS}) select {_COLUMNS} from chosen join entry e on e.org_id = :org and e.id = chosen.id{_JOINS}"
        " order by e.received_at, e.position",
        conversation=conversation,
        limit=limit,
    )
    return _lines(tx, rows)


async def told_of(tx: Tx, adapter: str | None, accounts: Sequence[str], carrier_id: str | None) -> Sequence[Any]:
    """What a carrier told of one message, in its own words (`state`) and in the order it came (`at`)."""
    if adapter is None or carrier_id is None:
        return []
    return await tx.rows(
        "select state, at from carrier_event where org_id = :org and adapter = :adapter and account = any(cast(:accounts as text[])) and kind = 'receipt'"
        " and external_id = :carrier_id order by at, id limit 50",
        adapter=adapter,
        accounts=list(accounts),
        carrier_id=carrier_id,
    )


def _shown(show: Show) -> str:
    return _SHOWN[show] + (_OWN if show != "all" else "")


async def _chosen(
    tx: Tx, reader: Reader, conversation: UUID, show: Show, chosen: str, place: Cursor | None = None, limit: int = WINDOW + 1
) -> tuple[tuple[Line, ...], datetime | None]:
    """The lines of chosen entries in the timeline's order, with the beginning of the story."""
    values: dict[str, Any] = {} if place is None else {"at": place.moment, "position": place.position}
    values |= {} if show == "all" else dict(reader.rights)
    values |= {"decisions": list(DECISIONS)} if show == "decisions" else {}
    rows = await tx.rows(
        f"with chosen as materialized ({chosen}) select {_COLUMNS}, {_BEGAN} from chosen join entry e on e.org_id = :org and e.id = chosen.id{_JOINS}"
        " order by e.received_at, e.position",
        conversation=conversation,
        limit=limit,
        **values,
    )
    return tuple(_lines(tx, rows)), rows[0].began if rows else None


def _lines(tx: Tx, rows: Sequence[Any]) -> list[Line]:
    return [_line(tx, dict(row._mapping)) for row in rows]


def _line(tx: Tx, values: dict[str, Any]) -> Line:
    values.pop("began", None)
    values["files"] = tuple(_file(tx, one) for one in values["files"] or ())
    return Line(**values)


def _file(tx: Tx, told: dict[str, Any]) -> File:
    name = ""
    if told["name"] and told["wrapped"]:
        person = tx.person(UUID(told["person"]), told["key_name"], bytes.fromhex(told["wrapped"]))
        name = person.open("attachment", UUID(told["id"]), "name", bytes.fromhex(told["name"]))
    return File(UUID(told["id"]), told["state"], told["content_type"], name, told["size"], told["error"])
