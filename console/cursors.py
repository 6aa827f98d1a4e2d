"""Cursors of pages: opaque to callers, checked when they come back."""

from __future__ import annotations

import base64

from base.errors import InvalidField


def write_cursor(*parts: str) -> str:
    """A cursor that holds these parts."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str, size: int) -> list[str]:
    """The parts of a cursor of ours. Raises `InvalidField`."""
    try:
        parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
    except ValueError as error:
        raise InvalidField("cursor", "is not a cursor of this list; start without one") from error
    if len(parts) != size:
        raise InvalidField("cursor", "is not a cursor of this list; start without one")
    return parts
