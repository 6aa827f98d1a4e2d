"""What each agent is told, watched once per process for all of them: one statement a look, and a frame only where something is new."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import msgspec

from console import views
from console.desk import Desk
from console.desk.notices import told
from console.rendering import Renderer
from console.socket import LiveSocket
from inbox import notices
from inbox.product import Product

PAUSE_SECONDS = 0.2


class WatchedMe:
    """The sockets that show an agent's own badge and notices, and what each of them was last sent."""

    def __init__(self, product: Product, renderer: Renderer) -> None:
        self.topic = notices.TOPIC
        self.sockets: set[LiveSocket] = set()
        self._product = product
        self._renderer = renderer
        self._sent: dict[UUID, str] = {}
        self._lock = asyncio.Lock()
        self._waiting = False
        self._looked = 0.0

    def head(self, socket: LiveSocket) -> str | None:
        """The digest that a watching socket should have."""
        return self._sent.get(socket.reader.agent_id)

    def want_look(self) -> bool:
        """True where no look is waiting to begin that would see the change anyway."""
        if self._waiting:
            return False
        self._waiting = True
        return True

    async def look(self) -> None:
        """Compare what every agent here should know with what they were sent; five times a second at most."""
        await asyncio.sleep(self._looked + PAUSE_SECONDS - time.monotonic())
        async with self._lock:
            self._waiting, self._looked = False, time.monotonic()
            news = await self._read(list(self.sockets))
            for socket in self.sockets:
                view = news.get(socket)
                if view is not None and view.digest != self._sent.get(socket.reader.agent_id):
                    self._push(socket, view)
            self._sent = {socket.reader.agent_id: view.digest for socket, view in news.items()}

    async def catch_up(self, socket: LiveSocket, seen: int | str) -> bool:
        """Send one socket all it should know, unless it shows that already."""
        async with self._lock:
            view = (await self._read([socket]))[socket]
            if view.digest != seen:
                self._push(socket, view)
            # Their other screens are sent theirs by the next look, which must find this agent's news unsent.
            if socket.reader.agent_id not in self._sent:
                self._sent[socket.reader.agent_id] = view.digest
        return True

    async def _read(self, sockets: list[LiveSocket]) -> dict[LiveSocket, views.MeView]:
        if not sockets:
            return {}
        async with self._product.db.transaction() as tx:
            found = await notices.standings(tx, {socket.reader.agent_id for socket in sockets})
            return {socket: told(Desk(self._renderer, socket.reader), tx, found[socket.reader.agent_id]) for socket in sockets}

    def _push(self, socket: LiveSocket, view: views.MeView) -> None:
        """All of it at once: it is short, and nothing of it can be missed then."""
        html = Desk(self._renderer, socket.reader).render("frames/me.html", me=view)
        order = [notice.id for notice in view.notices]
        frame = {"t": "frame", "topic": self.topic, "from": None, "to": view.digest, "order": order, "html": html}
        socket.push(msgspec.json.encode(frame).decode(), "frame")
