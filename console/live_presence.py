"""Colleagues at one conversation, as screens show them: read from Redis again at every poke and every round, sent when the picture changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from uuid import UUID

import msgspec

from base.db import Tx
from base.errors import NotFound
from console.desk import Desk
from console.rendering import Renderer
from console.socket import LiveSocket
from console.views.presence import PersonHere, PresenceView
from inbox.access import Reader, access_conversation
from inbox.product import Product

if TYPE_CHECKING:
    from collections.abc import Mapping

VIEWING_SECONDS = 60.0
WRITING_SECONDS = 10.0
_DOING: Mapping[str, Literal["viewing", "writing"]] = {"viewing": "viewing", "writing": "writing"}


def presence_topic(conversation: UUID) -> str:
    """What screens that show a conversation watch for colleagues."""
    return f"presence:{conversation}"


async def read_presence(product: Product, tx: Tx, conversation: UUID, told: Mapping[UUID, str]) -> PresenceView:
    """The picture of what Redis `told`, with names."""
    names = (
        {row.id: row.name for row in await tx.rows("select id, name from agent where org_id = :org and id = any(:ids)", ids=list(told))}
        if told
        else {}
    )
    people = sorted((names[who], who, _DOING[doing]) for who, doing in told.items() if who in names and doing in _DOING)
    return PresenceView(str(conversation), tuple(PersonHere(str(who), name, doing) for name, who, doing in people))


class WatchedPresence:
    """One conversation's colleagues, and the sockets of one language that show them."""

    def __init__(self, product: Product, renderer: Renderer, topic: str, conversation: UUID, reader: Reader) -> None:
        self.topic = topic
        self.conversation_id = conversation
        self.sockets: set[LiveSocket] = set()
        self._product = product
        self._desk = Desk(renderer, reader)
        self._seen: str | None = None
        self._told: Mapping[UUID, str] | None = None
        self._waiting = False
        # Who was found to see the conversation: a socket is among the watching ones before it has been asked.
        self._allowed: set[LiveSocket] = set()

    def head(self, _socket: LiveSocket) -> str | None:
        """The picture that a watching socket should have."""
        return self._seen

    def want_look(self) -> bool:
        """True where no look is waiting to begin that would see the change anyway."""
        if self._waiting:
            return False
        self._waiting = True
        return True

    async def look(self) -> None:
        """Look again, and send the picture where it changed. While Redis tells the same, the database is asked nothing."""
        self._waiting = False
        told = await self._hear()
        if told == self._told:
            return
        view = await self._picture(told)
        self._told = told
        if view.seen == self._seen:
            return
        self._seen = view.seen
        frame = self._frame(view)
        await self._ask_again()
        for socket in self._allowed:
            socket.push(frame, "frame")

    async def _ask_again(self) -> None:
        """Rights and portfolios change while a screen stands open: whoever sees the conversation no more is told nothing of who is there."""
        self._allowed &= self.sockets
        readers = {(one.reader.role, one.reader.portfolios): one.reader for one in self._allowed}
        async with self._product.db.transaction() as tx:
            seen = {key for key, reader in readers.items() if await self._sees(tx, reader)}
        for socket in [one for one in self._allowed if (one.reader.role, one.reader.portfolios) not in seen]:
            self._allowed.discard(socket)
            self.sockets.discard(socket)
            socket.topics.discard(self.topic)
            socket.tell(t="gone", topic=self.topic)

    async def _sees(self, tx: Tx, reader: Reader) -> bool:
        try:
            await access_conversation(tx, reader, self.conversation_id)
        except NotFound:
            return False
        return True

    async def catch_up(self, socket: LiveSocket, seen: int | str) -> bool:
        """Send one socket the picture, unless it shows it already; False where it may not see the conversation."""
        async with self._product.db.transaction() as tx:
            if not await self._sees(tx, socket.reader):
                return False
        self._allowed.add(socket)
        view = await self._picture(await self._hear())
        self._seen = self._seen or view.seen
        if view.seen != seen:
            socket.push(self._frame(view), "frame")
        return True

    async def _hear(self) -> Mapping[UUID, str]:
        return await self._product.presence.who(self.topic, self._product.db.clock.now().timestamp())

    async def _picture(self, told: Mapping[UUID, str]) -> PresenceView:
        if not told:
            return PresenceView(str(self.conversation_id), ())
        async with self._product.db.transaction() as tx:
            return await read_presence(self._product, tx, self.conversation_id, told)

    def _frame(self, view: PresenceView) -> str:
        html = self._desk.render("frames/presence.html", presence=view)
        order = [one.agent_id for one in view.people]
        return msgspec.json.encode(
            {"t": "frame", "topic": self.topic, "from": None, "to": view.seen, "order": order, "html": html}
        ).decode()
