"""An entry of a timeline as the API tells it."""

from __future__ import annotations

from typing import Any

from base.audit import stamp
from console.api.resources import Entry, Failure
from console.desk import Desk, entry_views
from inbox.lines import Line, line_of


def tell_entry(desk: Desk, row: Any) -> Entry:  # noqa: ANN401 - a row of inbox.reading
    """One entry. Of another portfolio's entries only that a contact took place is told."""
    line = line_of(row)
    view = entry_views(desk, [line])[0]
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
        attachments=_files(line),
        carrier_id=row.carrier_id,
        carrier_at=None if row.carrier_at is None else stamp(row.carrier_at),
        received_at=received_at,
        agent=view.agent,
        error=None if row.error_code is None or view.error is None else Failure(code=row.error_code, text=view.error),
    )


def _files(line: Line) -> list[dict[str, Any]]:
    """What is known of a line's files; through a door that does not read them, of what types they are."""
    files = [{"id": str(file.id), "content_type": file.content_type, "state": file.state, "size": file.size} for file in line.files]
    told: list[dict[str, Any]] = line.detail.get("attachments", [])
    return files or told
