"""An entry of a timeline as the API tells it."""

from __future__ import annotations

from typing import Any

from base.audit import stamp
from console.api.resources import Entry, Failure
from console.desk import Desk, entry_views


def tell_entry(desk: Desk, row: Any) -> Entry:  # noqa: ANN401 - a row of inbox.reading
    """One entry. Of another portfolio's entries only that a contact took place is told."""
    view = entry_views(desk, [row])[0]
    received_at = stamp(row.received_at)
    if view.kind == "hidden":
        return Entry(id=view.id, position=view.position, revision=view.revision, kind="event", received_at=received_at)
    return Entry(
        id=view.id,
        position=view.position,
        revision=view.revision,
        kind=view.kind,
        channel=view.channel,
        direction=view.direction,
        state=view.state,
        text=view.text,
        attachments=row.detail.get("attachments", []),
        carrier_id=row.carrier_id,
        carrier_at=None if row.carrier_at is None else stamp(row.carrier_at),
        received_at=received_at,
        agent=view.agent,
        error=None if row.error_code is None or view.error is None else Failure(code=row.error_code, text=view.error),
    )
