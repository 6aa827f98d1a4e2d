"""One running process of the product: its settings, database, bus, carriers, and the way a unit of work is told to the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from base.bus import Bus
from base.clock import Clock
from base.crypto import Cipher
from base.db import Database, Tx
from base.presence import Presence
from base.settings import Settings
from channels.contract import Adapter, Channel
from channels.sms import create_sms_adapter
from channels.whatsapp import create_whatsapp_adapter
from inbox.bell import Bell


@dataclass
class Product:
    """What the doors and the worker share within one process."""

    settings: Settings
    db: Database
    bus: Bus
    bell: Bell
    adapters: Mapping[Channel, Adapter]
    presence: Presence
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def carriers(self) -> list[Adapter]:
        """One adapter for each carrier account: those of one account share their webhooks and their list of messages."""
        carriers: dict[tuple[str, str], Adapter] = {}
        for one in self.adapters.values():
            carriers.setdefault((one.name, one.account), one)
        return list(carriers.values())

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Tx]:
        """One unit of work; once it is committed, screens are poked and the worker's bell is rung, without anybody waiting for it."""
        async with self.db.transaction() as tx:
            yield tx
        if tx.topics:
            self._tell(self.bus.poke(tx.topics))
        if tx.bell:
            self._tell(self.bell.ring())

    def _tell(self, telling: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Let go of every connection."""
        for adapter in self.adapters.values():
            await adapter.close()
        await self.bell.close()
        await self.bus.close()
        await self.presence.close()
        await self.db.close()


async def open_product(settings: Settings) -> Product:
    """Connect a process. Raises `Unavailable` when the database is down or empty."""
    db = Database(settings.database_url, Clock(), Cipher(settings.keys, settings.index_key))
    await db.open()
    adapters: dict[Channel, Adapter] = {Channel.SMS: create_sms_adapter(settings)}
    if settings.twilio_whatsapp_sender:
        adapters[Channel.WHATSAPP] = create_whatsapp_adapter(settings)
    return Product(settings, db, Bus(settings.redis_url), Bell(settings.redis_url), adapters, Presence(settings.redis_url))
