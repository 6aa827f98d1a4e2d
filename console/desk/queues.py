"""Builds lists of conversations for one reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from base.db import Tx
from base.money import money
from base.words import N_
from console import views
from console.desk.teller import Desk
from console.words import DISPOSITIONS, MESSAGE_STATES
from debts.people import open_name
from identity.masking import mask_address
from inbox import lists
from inbox.access import Reader
from inbox.speakers import open_profile
from staff.models import Role

UNKNOWN_CLIENT = N_("Unknown number")
OTHER_PORTFOLIO = N_("Contact of another portfolio")
_TROUBLES: Final[Mapping[str, Literal["warn", "bad"]]] = {"failed": "bad", "withheld": "bad", "unconfirmed": "warn"}
_WORDLESS: Final = {"message": N_("A file"), "promise": N_("Promise to pay"), "payment": N_("Payment"), "call": N_("Call")}
_SHORT: Final = {"withheld": N_("Not sent")}


async def queue_view(desk: Desk, tx: Tx, key: str, selected: UUID | None = None) -> views.QueueView:
    """One list as it is now."""
    rows, more = await lists.window(tx, desk.reader, key)
    view = name_of(key)
    shared, owned = await lists.counts(tx, desk.reader, [desk.reader.agent_id])
    own = owned[desk.reader.agent_id]
    return views.QueueView(
        name=view,
        key=key,
        longer=lists.longer(key) if more else None,
        rows=tuple(queue_row(desk, tx, row, view) for row in rows),
        digest=lists.personal(lists.digest(rows, shared, desk.day(tx), more=more), own),
        counts=shared | dict(zip(lists.OWN, own, strict=True)),
        selected_id=str(selected) if selected else None,
        takes=desk.reader.writes,
    )


def queue_row(desk: Desk, tx: Tx, row: Any, view: str, left: str | None = None) -> views.QueueRow:  # noqa: ANN401 - a row of lists.window
    """One row of a list; with `left`, of one that it was in a moment ago."""
    visible = desk.reader.sees_portfolio(row.entry_portfolio)
    return views.QueueRow(
        id=str(row.id),
        revision=row.revision,
        name=open_name(tx, row) or _nameless(desk, tx, row),
        preview=_preview(desk, row) if visible else desk.say(OTHER_PORTFOLIO),
        preview_direction=row.direction if visible else None,
        channel=row.channel if visible else None,
        at=row.last_at,
        zone=desk.reader.zone,
        unread=row.unread,
        state=row.state,
        assignee=row.assignee or row.team,
        mine=view == "mine",
        chip=_chip(desk, tx.now, row, view),
        kind=row.kind if visible else None,
        language=row.client_language if visible and row.kind == "message" else None,
        left=left,
    )


def _preview(desk: Desk, row: Any) -> str:  # noqa: ANN401 - a row of lists.window
    """What a row says of its last line: the words, or what it is where there are none. What was taken back was never said."""
    if row.last_state == "cancelled":
        return desk.say(MESSAGE_STATES["cancelled"].label)
    label = desk.say(_WORDLESS[row.kind]) if row.kind in _WORDLESS else ""
    if row.amount is not None:
        return f"{label} · {money(row.amount, row.currency)}"
    return (row.text or "")[:140] or label


def _nameless(desk: Desk, tx: Tx, row: Any) -> str:  # noqa: ANN401 - a row of lists.window
    """What is shown of somebody whose name nobody knows: what they call themselves, else the last digits of where they write from."""
    if row.link_id is None:
        return desk.say(UNKNOWN_CLIENT)
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    if (called := open_profile(person, row.link_id, row.profile_name_sealed)) is not None:
        return self_named(called)
    dialable = person.open("address_link", row.link_id, "dialable", bytes(row.dialable_sealed))
    masked = mask_address(row.link_channel, dialable)
    digits = masked.rpartition("···")[2].strip()
    return desk.say(N_("Unknown %(address)s"), address=f"··· {digits}" if digits else masked)


def self_named(called: str) -> str:
    """A name that is only what somebody calls themselves, marked as such."""
    return f"~ {called}"


OWN_TEST = N_("Own test")


def _chip(desk: Desk, now: datetime, row: Any, view: str) -> views.Chip | None:  # noqa: ANN401 - a row of lists.window
    """The one thing about a row that cannot wait, the gravest first."""
    if row.state == "own":
        return views.Chip("quiet", desk.say(OWN_TEST), "send")
    if view == "snoozed" and row.snoozed_until:
        return views.Chip("quiet", desk.soon(row.snoozed_until, now), "clock", desk.say(N_("Until")))
    if view == "closed" and row.disposition in DISPOSITIONS:
        return views.Chip("quiet", desk.say(DISPOSITIONS[row.disposition].label))
    if row.opted_out:
        return views.Chip("bad", desk.say(N_("STOP")), "ban", desk.say(N_("Asked for no messages:")))
    if row.may_opt_out and desk.reader.sees_portfolio(row.entry_portfolio):
        return views.Chip("warn", desk.say(N_("Opt-out?")), "circle-help", desk.say(N_("May be asking for no more messages.")))
    rest = lists.window_left(row, now)
    if rest is not None:
        return views.Chip("warn", span(rest), "whatsapp", desk.say(N_("The WhatsApp window closes in")), until=row.window_ends)
    if lists.promise_is_due(row, now):
        return views.Chip("info", desk.say(N_("Pays today")), "check")
    if row.waiting_since is not None:
        kind: Literal["warn", "quiet"] = "warn" if lists.waits_long(row, now) else "quiet"
        return views.Chip(kind, span(now - row.waiting_since), "clock", desk.say(N_("Waiting for")), since=row.waiting_since)
    return _trouble(desk, row.last_state) if desk.reader.sees_portfolio(row.entry_portfolio) else None


def _trouble(desk: Desk, state: str | None) -> views.Chip | None:
    """That our last message did not arrive: the one thing about a row that must not look like success."""
    if state is None or state not in _TROUBLES:
        return None
    return views.Chip(_TROUBLES[state], desk.say(_SHORT.get(state, MESSAGE_STATES[state].label)), MESSAGE_STATES[state].icon)


def span(time: timedelta) -> str:
    """A span as short as a row needs it: ``12 m``, ``3 h 12 m``, ``2 d``. The page counts on in the same form (order.js)."""
    minutes = max(0, int(time.total_seconds())) // 60
    if minutes < 60:
        return f"{minutes} m"
    return f"{minutes // 60} h {minutes % 60} m" if minutes < 1440 else f"{minutes // 1440} d"


def why_left(desk: Desk, row: Any, view: str) -> str:  # noqa: ANN401 - a row of lists.left
    """Why a conversation is in a list no more, as far as its row can tell. A shared list is rendered once for all: it names whoever took one."""
    if row.state == "closed" and view != "closed":
        return desk.say(N_("It was closed"))
    if row.snoozed_until is not None and view != "snoozed":
        return desk.say(N_("It was snoozed"))
    if (view == "unassigned" and row.assigned_agent_id is not None) or (
        view == "mine" and row.assigned_agent_id not in (None, desk.reader.agent_id)
    ):
        return desk.say(N_("%(name)s took it"), name=(row.assignee or "").split(" ")[0])
    if view == "unassigned" and row.waiting_since is None:
        return desk.say(N_("It was answered"))
    if view == "triage" and row.state == "open":
        return desk.say(N_("It was identified"))
    return desk.say(N_("Not in this list any more"))


def queue_key(text: str | None, reader: Reader | None = None) -> str:
    """The list of that key (`lists.slice_of`), or the reader's first one: who only reads has none of their own."""
    first = "team" if reader is not None and reader.role is Role.REVIEWER else "mine"
    return text if text and lists.slice_of(text) else first


def name_of(key: str) -> views.QueueName:
    """The list that a key is of."""
    return next(name for name in views.QUEUES if name == key.partition(":")[0])
