"""A watched list: a window that is compared by id and revision with what was last sent; there are no counters to lose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from base.db import Tx
from console.desk import Desk, queue_row
from console.desk.queues import why_left
from console.rendering import Renderer
from console.socket import LiveSocket
from inbox import lists
from inbox.access import Reader
from inbox.product import Product

PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Window:
    """A list as it was at one look: `rows` by id and fingerprint, in order; on another `day` every row reads differently; `own` are the numbers
    on each agent's own tabs."""

    rows: Mapping[UUID, str]
    day: str
    digest: str
    own: Mapping[UUID, tuple[int, ...]]

    def seen_by(self, agent: UUID) -> str | None:
        """The digest that this agent's screen has, when it shows this window; None for an agent who was not there."""
        return lists.personal(self.digest, self.own[agent]) if agent in self.own else None


class WatchedList:
    """One list as one audience sees it, and the sockets that show it."""

    def __init__(self, product: Product, renderer: Renderer, topic: str, key: str, reader: Reader) -> None:
        self.topic = topic
        self.sockets: set[LiveSocket] = set()
        self._key, self._view = key, key.partition(":")[0]
        self._desk = Desk(renderer, reader)
        self._product = product
        self._window: Window | None = None
        self._lock = asyncio.Lock()
        self._waiting = False
        self._looked = 0.0

    def head(self, socket: LiveSocket) -> str | None:
        """The digest that a watching socket should have."""
        return self._window.seen_by(socket.reader.agent_id) if self._window else None

    def want_look(self) -> bool:
        """True where no look is waiting to begin that would see the change anyway."""
        if self._waiting:
            return False
        self._waiting = True
        return True

    async def look(self) -> None:
        """Compare the list with what was last sent, and send each socket the difference; ten times a second at most, however many write."""
        await asyncio.sleep(self._looked + PAUSE_SECONDS - time.monotonic())
        async with self._lock:
            self._waiting = False
            if self.sockets:
                await self._look()

    async def catch_up(self, socket: LiveSocket, seen: int | str) -> bool:
        """Send one socket the whole window, unless it shows it already; the others get what is new for them."""
        async with self._lock:
            whole = await self._look(newcomer=socket)
            if self.head(socket) != seen:
                socket.push(whole, "frame")
        return True

    async def _look(self, newcomer: LiveSocket | None = None) -> str:
        """One look; returns the newcomer's whole window as a frame."""
        before, self._looked = self._window, time.monotonic()
        async with self._product.db.transaction() as tx:
            rows, more = await lists.window(tx, self._desk.reader, self._key)
            longer = lists.longer(self._key) if more else None
            counts, own = await lists.counts(tx, self._desk.reader, {socket.reader.agent_id for socket in self.sockets})
            day = self._desk.day(tx)
            after = Window({row.id: row.fingerprint for row in rows}, day, lists.digest(rows, counts, day, more=more), own)
            old = before.rows if before and before.day == day else {}
            shown = {row.id: queue_row(self._desk, tx, row, self._view) for row in rows if newcomer or old.get(row.id) != row.fingerprint}
            gone = await self._gone(tx, old.keys() - after.rows.keys())
        self._window = after
        if before is not None:
            changed = [row for id_, row in shown.items() if old.get(id_) != after.rows[id_]]
            self._send(before, after, self._html([*changed, *gone], counts, longer), newcomer)
        if newcomer is None:
            return ""
        return self._frame(newcomer.reader.agent_id, None, after, self._html(list(shown.values()), counts, longer))

    async def _gone(self, tx: Tx, ids: Collection[UUID]) -> list[Any]:
        """Rows that left, each with its reason: a list that somebody works in keeps them dimmed until the new order is wanted."""
        rows = await lists.left(tx, self._desk.reader, ids) if ids else []
        return [queue_row(self._desk, tx, row, self._view, why_left(self._desk, row, self._view)) for row in rows]

    def _send(self, before: Window, after: Window, html: str, newcomer: LiveSocket | None) -> None:
        frames: dict[tuple[str, str], str] = {}  # agents with the same number on their own tab get the same frame
        for socket in self.sockets:
            agent = socket.reader.agent_id
            since, reached = before.seen_by(agent), after.seen_by(agent)
            if socket is not newcomer and since is not None and reached is not None and since != reached:
                if (since, reached) not in frames:
                    frames[since, reached] = self._frame(agent, since, after, html)
                socket.push(frames[since, reached], "frame")

    def _html(self, rows: Sequence[Any], counts: Mapping[str, int], longer: str | None) -> str:
        return self._desk.render("frames/queue.html", key=self._key, rows=rows, counts=counts, longer=longer)

    def _frame(self, agent: UUID, since: str | None, after: Window, html: str) -> str:
        render, language = self._desk.renderer.render, self._desk.reader.language
        numbers = zip(lists.OWN, after.own[agent], strict=True)
        own = "".join(render("frames/count.html", language, name=name, count=count) for name, count in numbers)
        order = [str(id_) for id_ in after.rows]
        frame = {"t": "frame", "topic": self.topic, "from": since, "to": after.seen_by(agent), "order": order, "html": html + own}
        return msgspec.json.encode(frame).decode()


def audience_of(reader: Reader, key: str) -> tuple[object, ...]:
    """Who sees the same list: by role, language, zone, portfolios and teams; one's own list is everybody's own."""
    return (
        reader.role,
        reader.language,
        reader.zone,
        reader.portfolios,
        reader.teams,
        reader.agent_id if lists.is_own(reader, key.partition(":")[0]) else None,
    )
