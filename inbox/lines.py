"""A line of a timeline with everything that is shown of it, and its place in the order of time."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a timeline: epoch microseconds of a moment, and the position that orders entries of one moment."""

    at: int
    position: int

    @property
    def moment(self) -> datetime:
        """The moment, as the database compares it."""
        return _EPOCH + timedelta(microseconds=min(self.at, microseconds(_LATEST)))


def microseconds(moment: datetime) -> int:
    """Epoch microseconds: what the page sorts by."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def line_of(row: Any) -> Line:  # noqa: ANN401 - a row of inbox.access, or a line
    """A row that was read through another door, as a line; what it does not have is None."""
    if isinstance(row, Line):
        return row
    told = row._mapping
    return Line(**{one.name: told[one.name] for one in fields(Line) if one.name in told})


@dataclass(frozen=True, slots=True)
class File:
    """An attachment of a line. `name` is empty where the carrier gave none; `error` is an English msgid."""

    id: UUID
    state: str
    content_type: str
    name: str
    size: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry with everything that is shown of it; what it does not have is None."""

    id: UUID
    position: int
    revision: int
    kind: str
    channel: str | None
    direction: str | None
    creditor_id: UUID | None
    text: str | None
    detail: dict[str, Any]
    carrier_at: datetime | None
    received_at: datetime
    agent: str | None
    conversation_id: UUID | None = None
    client_zone: str | None = None
    client_language: str | None = None
    state: str | None = None
    carrier_id: str | None = None
    segments: int | None = None
    error_code: str | None = None
    error_reason: str | None = None
    hold: str | None = None
    due_at: datetime | None = None
    ruling: str | None = None
    ruled_at: datetime | None = None
    ruled_by: str | None = None
    template: str | None = None
    template_language: str | None = None
    template_category: str | None = None
    template_buttons: list[Any] | None = None
    quoted_id: UUID | None = None
    quoted_text: str | None = None
    quoted_direction: str | None = None
    quoted_agent: str | None = None
    quoted_creditor_id: UUID | None = None
    quoted_kind: str | None = None
    quoted_position: int | None = None
    quoted_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None
    paid_on: date | None = None
    money_state: str | None = None
    origin: str | None = None
    mentioned: list[str] | None = None
    files: tuple[File, ...] = field(default=())
