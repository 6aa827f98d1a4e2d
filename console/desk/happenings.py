"""What happened to a conversation, as a sentence for one reader: an event that nobody has words for is still a line, never an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from base.words import N_
from console import words
from console.desk.teller import Desk
from inbox.lines import Line
from inbox.windows import DECISIONS as _DECISIONS

DECISIONS: Final = frozenset(_DECISIONS)
# After these, entries are there that were not before, or the other way round: what is on the page is read again.
_SHIFTS: Final = frozenset({"merged", "unmerged", "merge_undone"})
_SOMETHING: Final = N_("Something changed in this conversation")
_PLACE = re.compile(r"%\((\w+)\)s")
_ICONS: Final[Mapping[str, str]] = {
    "refused": "shield-x",
    "switched_off": "shield-x",
    "opted_out": "ban",
    "asked_no_more": "ban",
    "not_asked": "check",
    "opted_in": "check",
    "address_failed": "triangle-alert",
    "claimed": "claim",
    "released": "release",
    "transferred": "claim",
    "closed": "close",
    "disposed": "close",
    "reopened": "reopen",
    "reopened_by_client": "reopen",
    "snoozed": "clock",
    "woke": "clock",
    "undone": "undo",
    "unmerged": "undo",
    "merge_undone": "undo",
    "merged": "user",
    "identified": "user",
}


def icon_of(event: str) -> str:
    """The symbol beside an event's sentence."""
    return _ICONS.get(event, "info")


def shifts(event: str) -> bool:
    """Whether other entries came or went with an event."""
    return event in _SHIFTS


def sentence(desk: Desk, line: Line) -> str:
    """An event in the reader's words. What a sentence asks for and the event does not tell stays empty."""
    told = words.EVENTS.get(str(line.detail.get("event")), _SOMETHING)
    known = _values(desk, line)
    return desk.say(told, **{name: known.get(name, "") for name in _PLACE.findall(told)}).strip()


def _values(desk: Desk, line: Line) -> dict[str, str]:
    detail, after = line.detail, _mapping(line.detail.get("after"))
    channel = words.CHANNELS[line.channel].label if line.channel in words.CHANNELS else ""
    told = {name: str(value) for name, value in detail.items() if isinstance(value, str | int) and not isinstance(value, bool)}
    told |= {
        "agent": line.agent or "Trato",
        "channel": desk.say(channel),
        "reason": desk.explain(str(detail["reason"]), _mapping(detail.get("variables"))) if detail.get("reason") else "",
        "until": _moment(desk, after.get("snoozed_until") or detail.get("until")),
    }
    if isinstance(detail.get("entries"), int):
        told["entries"] = desk.counted("%(num)s entry", "%(num)s entries", detail["entries"])
    return told | _named(desk, told, "disposition", "DISPOSITIONS") | _named(desk, told, "what", "ACTS")


def _named(desk: Desk, told: Mapping[str, str], name: str, table: str) -> dict[str, str]:
    """A code's own words, where there are some."""
    found = getattr(words, table, {}).get(told.get(name))
    if found is None:
        return {}
    return {name: desk.say(found if isinstance(found, str) else found.label)}


def _moment(desk: Desk, value: object) -> str:
    try:
        return desk.moment(datetime.fromisoformat(str(value))) if value else ""
    except ValueError:
        return str(value)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
