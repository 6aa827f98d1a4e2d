"""A watched conversation: what changed since a revision, rendered once per audience, in frames that say from where to where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from base.db import Tx
from base.errors import NotFound
from console.desk import Desk, card_view, entry_views
from console.rendering import Renderer
from console.socket import LiveSocket
from inbox import reading
from inbox.access import Reader, access_conversation
from inbox.product import Product


@dataclass(frozen=True, slots=True)
class Look:
    """What one audience gets: the revision reached, its frame ("" for nothing new, None for no access), and the owner's own frame."""

    reached: int
    frame: str | None
    own: str | None
    owner: UUID | None


class WatchedConversation:
    """One conversation and the sockets of this process that show it."""

    def __init__(self, product: Product, renderer: Renderer, topic: str, conversation: UUID) -> None:
        self.topic = topic
        self.conversation_id = conversation
        self.sockets: set[LiveSocket] = set()
        self.revision: int | None = None
        self._product = product
        self._renderer = renderer
        self._looking = False
        self._again = False
        self._own = False
        self._noted: dict[UUID, datetime] = {}

    def head(self, _socket: LiveSocket) -> int | None:
        """The revision that watching sockets should have reached."""
        return self.revision

    def want_look(self) -> bool:
        """Note that something may have changed; True where a look has to be started for it."""
        self._again = True
        return not self._looking

    async def look(self) -> None:
        """Look until nothing is new: what is poked during a look is seen by the next one."""
        self._looking = True
        try:
            while self._again and self.sockets:
                self._again = False
                await self._look_once()
        finally:
            self._looking = False

    async def catch_up(self, socket: LiveSocket, seen: int | str) -> bool:
        """Send one socket what it has not seen; False where it may not see the conversation, or has to fetch it whole."""
        if not isinstance(seen, int):
            return False
        async with self._product.work() as tx:
            try:
                row = await access_conversation(tx, socket.reader, self.conversation_id)
            except NotFound:
                return False
            self._own = row.state == "own"
            if not 0 <= seen <= row.revision:
                return False
            await reading.record_viewing(tx, socket.reader, row.debtor_id)
            entries = await reading.changed(tx, self.conversation_id, seen)
            if len(entries) > reading.MOST_CHANGES:
                return False
            html = await self._render(tx, socket.reader, row, entries, seen) if row.revision > seen else ""
        if self.revision is None:
            self.revision = row.revision
        if row.revision > seen:
            socket.push(self._frame(seen, row.revision, html), "frame")
        return True

    async def _look_once(self) -> None:
        since = self.revision
        if since is None:
            return
        async with self._product.db.transaction() as tx:
            readers = {self._audience(socket.reader): socket.reader for socket in self.sockets}
            looks = {key: await self._look_as(tx, reader, since) for key, reader in readers.items()}
            slot = reading.viewing_slot(tx.now)
        for socket in list(self.sockets):
            look = looks.get(self._audience(socket.reader))
            if look is not None:
                self._send(socket, look)
                self._noted |= {socket.reader.agent_id: slot} if look.frame else {}
        self.revision = min((look.reached for look in looks.values()), default=since)

    async def _look_as(self, tx: Tx, reader: Reader, since: int) -> Look:
        """What one audience gets."""
        try:
            row = await access_conversation(tx, reader, self.conversation_id)
        except NotFound:
            return Look(since, None, None, None)
        if row.revision <= since:
            return Look(since, "", None, None)
        await self._note_viewings(tx, reader, row.debtor_id)
        entries = await reading.changed(tx, self.conversation_id, since)
        owner = next((socket.reader for socket in self.sockets if socket.reader.agent_id == row.assigned_agent_id), None)
        own = None
        if owner is not None and self._audience(owner) == self._audience(reader) and row.card_revision > since:
            own = self._frame(since, row.revision, await self._render(tx, owner, row, entries, since))
        stranger = next(
            (
                one.reader
                for one in self.sockets
                if self._audience(one.reader) == self._audience(reader) and one.reader.agent_id != row.assigned_agent_id
            ),
            reader,
        )
        common = self._frame(since, row.revision, await self._render(tx, stranger, row, entries, since))
        return Look(row.revision, common, own, row.assigned_agent_id)

    async def _note_viewings(self, tx: Tx, reader: Reader, debtor: UUID) -> None:
        """A screen that stays open for hours goes on being looked at: one row per agent and quarter of an hour, as for pages."""
        lookers = {one.reader.agent_id for one in self.sockets if self._audience(one.reader) == self._audience(reader)}
        news = [agent for agent in lookers if self._noted.get(agent) != reading.viewing_slot(tx.now)]
        if news:
            await reading.record_viewings(tx, news, debtor)

    async def _render(self, tx: Tx, reader: Reader, row: Any, entries: Sequence[Any], since: int) -> str:  # noqa: ANN401 - a row
        desk = Desk(self._renderer, reader)
        card = await card_view(desk, tx, row) if row.card_revision > since else None
        return desk.render("frames/conversation.html", conversation_id=str(row.id), entries=entry_views(desk, entries), conversation=card)

    def _send(self, socket: LiveSocket, look: Look) -> None:
        if look.frame is None:
            self.sockets.discard(socket)
            socket.topics.discard(self.topic)
            socket.tell(t="gone", topic=self.topic)
        elif look.frame:
            own = look.own is not None and socket.reader.agent_id == look.owner
            socket.push(look.own if own and look.own else look.frame, "frame")

    def _frame(self, since: int, reached: int, html: str) -> str:
        return msgspec.json.encode({"t": "frame", "topic": self.topic, "from": since, "to": reached, "html": html}).decode()

    def _audience(self, reader: Reader) -> tuple[object, ...]:
        """Who sees the same: by role, language, zone and portfolios. Only the owner of a conversation sees its header differently, and a test of
        one's own is nobody else's, also not of a colleague with the same rights who has just asked for it."""
        return (reader.role, reader.language, reader.zone, reader.portfolios, reader.agent_id if self._own else None)
