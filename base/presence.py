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

_PATIENCE = 0.05
_DOWN = (RedisError, OSError, TimeoutError)
_FORGOTTEN_AFTER = 120


class Presence:
    """One process's knowledge of who is where."""

    def __init__(self, url: str) -> None:
        self._client: redis.Redis = redis.Redis.from_url(url, socket_connect_timeout=1, health_check_interval=5)
        self._do: Callable[..., Awaitable[Any]] = self._client.execute_command

    async def report(self, place: str, who: UUID, doing: str, now: float, seconds: float) -> bool:
        """Somebody is at a place, doing something, for at most `seconds` from `now` (Unix seconds); returns whether that is news to colleagues."""
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                before = _read(await self._do("HGET", _key(place), str(who)))
                await self._do("HSET", _key(place), str(who), f"{doing} {now + seconds:.0f}")
                await self._client.expire(_key(place), _FORGOTTEN_AFTER)
                return before is None or before[0] != doing or before[1] <= now
        return False

    async def leave(self, place: str, who: UUID) -> bool:
        """Somebody is no longer at a place; returns whether they were."""
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                return bool(await self._do("HDEL", _key(place), str(who)))
        return False

    async def who(self, place: str, now: float) -> dict[UUID, str]:
        """Everybody who is at a place, and what they do; nobody where Redis does not answer at once."""
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                told: dict[bytes, bytes] = await self._do("HGETALL", _key(place))
                read = {UUID(name.decode()): found for name, value in told.items() if (found := _read(value)) is not None}
                return {who: doing for who, (doing, until) in read.items() if until > now}
        return {}

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*_DOWN):
            await self._client.aclose()


def _key(place: str) -> str:
    return f"trato.presence.{place}"


def _read(value: bytes | None) -> tuple[str, float] | None:
    """What somebody does, and until when that holds; None for what this version did not write."""
    doing, _, until = (value or b"").decode("ascii", "replace").partition(" ")
    try:
        return (doing, float(until)) if doing else None
    except ValueError:
        return None
