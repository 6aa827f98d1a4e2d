"""The carrier's clock, by which it dates messages and counts the 24 hours after a client's word. People and tests may move it."""

from __future__ import annotations

import time


class Clock:
    """Seconds since 1970, UTC, plus a shift. Waiting goes by the machine's own time."""

    def __init__(self, shift: float = 0.0) -> None:
        self.shift = shift

    def now(self) -> float:
        """The current moment as the carrier sees it."""
        return time.time() + self.shift
