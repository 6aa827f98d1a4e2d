"""Who is at something right now, and what they do there: courtesy between colleagues, kept in Redis for seconds and true only while they say so.

Redis may be gone or emptied at any moment: then nobody is seen to be here, and nothing else changes.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import redis.asyncio as redis
from redis.exceptions import RedisError

_PATIENCE = 0.3
_DOWN = (RedisError, OSError, TimeoutError)
_FORGOTTEN_AFTER = 120


class Presence:
    """One process's knowledge of who is where."""

    def __init__(self, url: str) -> None:
        self._client: redis.Redis = redis.Redis.from_url(url, socket_connect_timeout=1, health_check_interval=5)
        self._do: Callable[..., Awaitable[Any]] = self._client.execute_command

    async def report(self, place: str, who: UUID, tab: str, doing: str, now: float, seconds: float) -> bool:
        """Somebody is at a place with one of their tabs, doing something, for at most `seconds` from `now` (Unix seconds).

        Returns whether that is news to colleagues.
        """
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                asked = self._client.pipeline(transaction=False)
                asked.hget(_key(place), f"{who}.{tab}")
                asked.hset(_key(place), f"{who}.{tab}", f"{doing} {now + seconds:.0f}")
                asked.expire(_key(place), _FORGOTTEN_AFTER)
                before = _read((await asked.execute())[0])
                return before is None or before[0] != doing or before[1] <= now
        return False

    async def leave(self, place: str, who: UUID, tab: str) -> bool:
        """One of somebody's tabs is no longer at a place; returns whether it was."""
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                return bool(await self._do("HDEL", _key(place), f"{who}.{tab}"))
        return False

    async def who(self, place: str, now: float) -> dict[UUID, str]:
        """Everybody who is at a place, once however many tabs they have, and the most that they do there (what sorts last).

        Nobody where Redis does not answer at once.
        """
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                told: dict[bytes, bytes] = await self._do("HGETALL", _key(place))
                here: dict[UUID, str] = {}
                for name, value in told.items():
                    who, found = _who(name), _read(value)
                    if who is not None and found is not None and found[1] > now:
                        here[who] = max(found[0], here.get(who, ""))
                return here
        return {}

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*_DOWN):
            await self._client.aclose()


def _key(place: str) -> str:
    return f"trato.presence.{place}"


def _who(name: bytes) -> UUID | None:
    """Whose tab a field of a place stands for; None for what this version did not write."""
    try:
        return UUID(name.decode("ascii", "replace").partition(".")[0])
    except ValueError:
        return None


def _read(value: bytes | None) -> tuple[str, float] | None:
    """What somebody does, and until when that holds; None for what this version did not write."""
    doing, _, until = (value or b"").decode("ascii", "replace").partition(" ")
    try:
        return (doing, float(until)) if doing else None
    except ValueError:
        return None
