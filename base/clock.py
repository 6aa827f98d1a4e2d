"""The product's clock. Everything that means something to people or the law asks it; leases and heartbeats ask the database instead.

The simulator and the tests may move it (never with a live carrier): time then goes on from the moment it was set to.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """UTC now, plus a shift that all processes share through the database (see `base.beats`)."""

    def __init__(self) -> None:
        self.shift = timedelta(0)
        self.version = 0

    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return datetime.now(UTC) + self.shift

    def adopt(self, shift: timedelta, version: int) -> None:
        """Take over the shift that was recorded as `version`."""
        self.shift, self.version = shift, version
