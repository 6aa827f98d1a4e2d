"""An entry of a timeline as the API tells it."""

from __future__ import annotations

from typing import Any

from base.audit import stamp
from console.desk import Desk


def entry_json(desk: Desk, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of inbox.reading
    """One entry. Of another portfolio's entries only that a contact took place is told."""
    view = desk.entries([row])[0]
    body: dict[str, Any] = {"id": view.id, "position": view.position, "revision": view.revision}
    if view.kind == "hidden":
        empty = ("channel", "direction", "state", "text", "subject", "quoted", "carrier_id", "carrier_at", "agent")
        return body | {"kind": "event", "attachments": [], "received_at": stamp(row.received_at), **dict.fromkeys(empty)}
    return body | {
        "kind": view.kind,
        "channel": view.channel,
        "direction": view.direction,
        "state": view.state,
        "text": view.text,
        "subject": None,
        "quoted": None,
        "attachments": row.detail.get("attachments", []),
        "carrier_id": row.carrier_id,
        "carrier_at": None if row.carrier_at is None else stamp(row.carrier_at),
        "received_at": stamp(row.received_at),
        "agent": view.agent,
        "error": None if row.error_code is None or view.error is None else {"code": row.error_code, "text": view.error},
    }
