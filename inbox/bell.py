"""The doorbell: an arq job with a fixed id that says "look at the outbox". It hastens delivery; the worker's sweep does not need it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

JOB = "deliver_due"
QUEUE = "trato:bells"
_PATIENCE = 0.05


def to_bytes(value: dict[str, Any]) -> bytes:
    """arq's job serializer: JSON, because what lies in Redis must never be code."""
    return json.dumps(value, default=str).encode()


def from_bytes(content: bytes) -> dict[str, Any]:
    """The inverse of `to_bytes`."""
    value: dict[str, Any] = json.loads(content)
    return value


class Bell:
    """Rings for the worker, at most 50 ms, never raising for Redis' sake."""

    def __init__(self, url: str) -> None:
        # A pool of its own: `ArqRedis.from_url` would hand arq's arguments on to each connection, which refuses them.
        self._pool = ConnectionPool.from_url(url, socket_connect_timeout=1)
        self._redis = ArqRedis(self._pool, job_serializer=to_bytes, job_deserializer=from_bytes, default_queue_name=QUEUE)

    async def ring(self) -> None:
        """One job id for all: bells that ring together wake the worker once."""
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._redis.enqueue_job(JOB, _job_id=JOB)

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(RedisError, OSError):
            await self._redis.aclose()
            await self._pool.aclose()
