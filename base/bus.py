"""Pokes over Redis: they tell *that* something changed, never *what*. Losing them costs at most the two seconds until the next look.

Redis may be slow, gone or emptied at any moment: publishing gives up after 50 ms, and the listener reconnects for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import redis.asyncio as redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from base.log import log

POKES = "trato.pokes"
_PATIENCE = 0.05
_BACKOFF = (0.05, 0.1, 0.2, 0.5, 1.0)
_DOWN = (RedisError, OSError, TimeoutError)


class Bus:
    """One process's line to Redis."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = self._connect()

    async def poke(self, topics: Iterable[str]) -> None:
        """Tell all web processes that these topics changed. Best effort, at most 50 ms, never raises for Redis' sake."""
        message = " ".join(sorted(topics))
        if not message:
            return
        with contextlib.suppress(*_DOWN):
            async with asyncio.timeout(_PATIENCE):
                await self._client.publish(POKES, message)

    async def listen(self, heard: Callable[[list[str]], None], connected: Callable[[], None]) -> None:
        """Call `heard` with each poke's topics, for ever; call `connected` after every (re)connection, for what was missed meanwhile."""
        failures = 0
        while True:
            client = self._connect()
            try:
                async with client.pubsub() as subscription:
                    await subscription.subscribe(POKES)
                    connected()
                    failures = 0
                    await _follow(subscription, heard)
            except _DOWN as error:
                log.info("bus.lost", reason=type(error).__name__)
            finally:
                with contextlib.suppress(*_DOWN):
                    await client.aclose()
            await asyncio.sleep(_BACKOFF[min(failures, len(_BACKOFF) - 1)])
            failures += 1

    async def alive(self) -> bool:
        """Whether Redis answers within half a second."""
        try:
            async with asyncio.timeout(0.5):
                return bool(await self._client.ping())
        except _DOWN:
            return False

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*_DOWN):
            await self._client.aclose()

    def _connect(self) -> redis.Redis:
        client: redis.Redis = redis.Redis.from_url(self._url, socket_connect_timeout=1, health_check_interval=5)
        return client


async def _follow(subscription: PubSub, heard: Callable[[list[str]], None]) -> None:
    while True:
        message = await subscription.get_message(ignore_subscribe_messages=True, timeout=5.0)
        if message is not None:
            heard(message["data"].decode().split())
