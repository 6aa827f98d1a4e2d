"""Which messages a listing asks for: Twilio's To, From and DateSent filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from simulator.errors import TwilioError

# A message that is still queued has no date of sending; a listing that hid it would make a reconciler believe it was never accepted.
SENT = "CAST(coalesce(sent_at, created_at) AS INTEGER)"


@dataclass(frozen=True, slots=True)
class Filter:
    """What to keep. `since` is inclusive, `until` exclusive, both seconds since 1970."""

    to: str | None = None
    sender: str | None = None
    since: float | None = None
    until: float | None = None

    def to_sql(self) -> tuple[str, tuple[Any, ...]]:
        """A WHERE clause and its values."""
        tests: list[tuple[str, Any]] = [("deleted = ?", 0)]
        if self.to is not None:
            tests.append(("recipient = ?", self.to))
        if self.sender is not None:
            tests.append(("sender = ?", self.sender))
        if self.since is not None:
            tests.append((f"{SENT} >= ?", self.since))
        if self.until is not None:
            tests.append((f"{SENT} < ?", self.until))
        return " AND ".join(sql for sql, _ in tests), tuple(value for _, value in tests)


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter of a listing's query; the keys are ``DateSent``, ``DateSent<`` and ``DateSent>``. Raises `TwilioError` 20001."""
    since = until = None
    if "DateSent" in query:
        since, until = _span("DateSent", query["DateSent"])
    if "DateSent>" in query:
        since = _span("DateSent>", query["DateSent>"])[0]
    if "DateSent<" in query:
        until = _span("DateSent<", query["DateSent<"])[1]
    return Filter(query.get("To") or None, query.get("From") or None, since, until)


def _span(name: str, text: str) -> tuple[float, float]:
    """First second and the one after the last of the day or second that a text names."""
    try:
        if len(text) == len("2026-01-31"):
            start = datetime.fromisoformat(text).replace(tzinfo=UTC)
            return start.timestamp(), (start + timedelta(days=1)).timestamp()
        start = _moment(text)
    except (ValueError, IndexError, TypeError) as error:
        raise TwilioError(20001, name) from error
    whole = start.replace(microsecond=0).timestamp()
    return whole, whole + 1


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
