"""Wakes the streams of all open pages when something changed; says *that*, never *what*."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

# Swapping faster than this (seconds) is seen by nobody; a heartbeat tells a dead stream from a quiet one.
PACE, HEARTBEAT = 0.1, 15.0


class Hub:
    """Wakes the streams of all open pages when something changed; says *that*, never *what*."""

    def __init__(self) -> None:
        self._bells: set[asyncio.Event] = set()
        self._closed = False

    def ring(self, *_: object) -> None:
        """Something changed."""
        for bell in self._bells:
            bell.set()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self.ring()

    async def changes(self) -> AsyncIterator[bool]:
        """At once, then after every change, at most ten times a second; False is a heartbeat."""
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            yield True
            while not self._closed:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await bell.wait()
                except TimeoutError:
                    yield False
                    continue
                await asyncio.sleep(PACE)
                bell.clear()
                yield True
        finally:
            self._bells.discard(bell)
