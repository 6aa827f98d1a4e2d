"""Builds lists of conversations for one reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from base.db import Tx
from base.words import N_
from console import views
from console.desk.teller import Desk
from console.words import MESSAGE_STATES
from debts.people import open_name
from inbox import lists

UNKNOWN_CLIENT = N_("Unknown number")
OTHER_PORTFOLIO = N_("Contact of another portfolio")
_TROUBLES: Mapping[str, Literal["warn", "bad"]] = {"failed": "bad", "withheld": "bad", "unconfirmed": "warn"}


async def queue_view(desk: Desk, tx: Tx, view: views.QueueName, selected: UUID | None = None) -> views.QueueView:
    """One list as it is now."""
    rows = await lists.window(tx, desk.reader, view)
    shared, owned = await lists.counts(tx, desk.reader, [desk.reader.agent_id])
    own = owned[desk.reader.agent_id]
    return views.QueueView(
        name=view,
        rows=tuple(queue_row(desk, tx, row, view) for row in rows),
        digest=lists.personal(lists.digest(rows, shared, desk.day(tx)), own),
        counts=shared | {"mine": own},
        selected_id=str(selected) if selected else None,
    )


def queue_row(desk: Desk, tx: Tx, row: Any, view: str) -> views.QueueRow:  # noqa: ANN401 - a row of lists.window
    """One row of a list."""
    visible = desk.reader.sees_portfolio(row.entry_portfolio)
    return views.QueueRow(
        id=str(row.id),
        revision=row.revision,
        name=open_name(tx, row) or desk.say(UNKNOWN_CLIENT),
        preview=(row.text or "")[:140] if visible else desk.say(OTHER_PORTFOLIO),
        preview_direction=row.direction if visible else None,
        channel=row.channel if visible else None,
        at=row.last_at,
        zone=desk.reader.zone,
        unread=row.unread,
        state=row.state,
        assignee=row.assignee,
        mine=view == "mine",
        chip=_trouble(desk, row.last_state) if visible else None,
    )


def _trouble(desk: Desk, state: str | None) -> views.Chip | None:
    """That our last message did not arrive: the one thing about a row that must not look like success."""
    if state is None or state not in _TROUBLES:
        return None
    return views.Chip(_TROUBLES[state], desk.say(MESSAGE_STATES[state].label))


def queue_name(text: str | None) -> views.QueueName:
    """The list of that name, or the first one."""
    return next((name for name in views.QUEUES if name == text), "mine")
