"""Builds the lines of a timeline for one reader: other portfolios closed, events and errors in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console import views
from console.desk.teller import Desk
from console.words import CHANNELS, EVENTS


def entry_views(desk: Desk, rows: Sequence[Any]) -> tuple[views.EntryView, ...]:
    """Entries as this reader may see them: of other portfolios only that a contact took place."""
    return tuple(_entry(desk, row) if desk.reader.sees_portfolio(row.creditor_id) else _hidden(desk, row) for row in rows)


def _entry(desk: Desk, row: Any) -> views.EntryView:  # noqa: ANN401 - a row of reading
    return views.EntryView(
        id=str(row.id),
        position=row.position,
        revision=row.revision,
        kind=row.kind,
        text=_event(desk, row) if row.kind == "event" else row.text or "",
        at=row.received_at,
        zone=desk.reader.zone,
        channel=row.channel,
        direction=row.direction,
        state=row.state,
        agent=row.agent,
        error=_error(desk, row),
        segments=row.segments,
        verdict_rule=row.error_code if row.state == "withheld" else None,
        can_retry=row.state in ("failed", "withheld") and desk.reader.writes,
    )


def _hidden(desk: Desk, row: Any) -> views.EntryView:  # noqa: ANN401 - a row of reading
    return views.EntryView(str(row.id), row.position, row.revision, "hidden", "", row.received_at, desk.reader.zone)


def _event(desk: Desk, row: Any) -> str:  # noqa: ANN401 - a row of reading
    channel = CHANNELS[row.channel].label if row.channel in CHANNELS else ""
    values = {"agent": row.agent or "Trato", "channel": desk.say(channel) if channel else "", "reason": ""}
    return desk.say(EVENTS[row.detail["event"]], **values)


def _error(desk: Desk, row: Any) -> str | None:  # noqa: ANN401 - a row of reading
    if row.state not in ("failed", "withheld") or not row.error_reason:
        return None
    return desk.explain(row.error_reason, row.detail.get("variables", {}))
