"""Clients with long stories, for looking at timelines."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from inbox.states import State
from inbox.timeline import NewEntry, NewMessage, append, lock_thread
from tests.doors import some_phone
from tests.running import Running

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


async def story(running: Running, lines: int, *, every: timedelta = timedelta(minutes=7), phone: str | None = None) -> dict[str, Any]:
    """A client with a story of `lines` messages, told both ways by turns from `START` on; every seventh is a note."""
    client = await running.new_client(phone or some_phone())
    async with running.product.work() as tx:
        thread = await lock_thread(tx, uuid.UUID(client["id"]))
        address = await tx.value("select address_id from address_link where org_id = :org and debtor_id = :debtor", debtor=thread.debtor_id)
        for number in range(lines):
            tx.now = START + number * every
            if number % 7 == 6:
                await append(tx, thread, NewEntry(kind="note", text=f"nota {number}", agent_id=running.agents["ana"]))
                continue
            inbound = number % 2 == 0
            entry = NewEntry(kind="message", channel="sms", direction="in" if inbound else "out", text=f"línea {number}")
            await append(tx, thread, entry, NewMessage(State.RECEIVED if inbound else State.DELIVERED, address))
    return client
