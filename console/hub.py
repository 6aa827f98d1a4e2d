"""The hub of one web process: it looks again at what its sockets watch, once per topic and audience, and sends what changed.

Pokes only hasten it. Every two seconds it compares the revisions of all watched conversations, and every list, with what it last sent; so
lost pokes, a flushed Redis or a restart of anything cost a moment and never the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from uuid import UUID

from base.errors import TratoError
from base.log import log
from console.live_conversations import WatchedConversation
from console.live_lists import WatchedList, audience_of
from console.live_me import WatchedMe
from console.live_presence import WatchedPresence
from console.rendering import Renderer
from console.socket import DRAINING, RIGHTS_CHANGED, SIGNED_OUT, LiveSocket
from inbox.access import readers_by_session
from inbox.lists import slice_of
from inbox.notices import TOPIC as ME
from inbox.product import Product

LOOK_SECONDS = 2.0
PING_SECONDS = 3.0
_MOST_TOPICS = 20
_DRAIN_PER_SECOND = 50

Watched = WatchedConversation | WatchedList | WatchedMe | WatchedPresence


class Hub:
    """Who watches what in this process."""

    def __init__(self, product: Product, renderer: Renderer) -> None:
        self._product = product
        self._renderer = renderer
        self._sockets: set[LiveSocket] = set()
        self._watched: dict[tuple[object, ...], Watched] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Listen, look and ping until cancelled."""
        async with asyncio.TaskGroup() as parts:
            parts.create_task(self._listen_for_ever())
            parts.create_task(self._look_for_ever())
            parts.create_task(self._ping_for_ever())

    async def _listen_for_ever(self) -> None:
        """Redis may be gone or talk nonsense: neither may ever end the looks and pings beside it."""
        while True:
            try:
                await self._product.bus.listen(self._heard, self._look_everywhere)
            except Exception:  # noqa: BLE001 - the edge of listening: reported, and begun again
                log.exception("live.listen_error")
            await asyncio.sleep(1)

    def join(self, socket: LiveSocket) -> None:
        """A socket opened."""
        self._sockets.add(socket)

    def leave(self, socket: LiveSocket, topics: Iterable[str] | None = None) -> None:
        """A socket closed, or stopped watching some topics. What nobody watches is forgotten."""
        if topics is None:
            self._sockets.discard(socket)
        for topic in list(socket.topics if topics is None else socket.topics & set(topics)):
            socket.topics.discard(topic)
            key = self._key(socket, topic)
            watched = self._watched.get(key)
            if watched is not None:
                watched.sockets.discard(socket)
                if not watched.sockets:
                    del self._watched[key]

    async def watch(self, socket: LiveSocket, topic: str, seen: int | str) -> None:
        """Subscribe a socket to a topic, **then** send what it has not seen. Unknown and forbidden topics are `gone` alike."""
        if topic not in socket.topics and len(socket.topics) >= _MOST_TOPICS:
            socket.tell(t="gone", topic=topic)
            return
        key = self._key(socket, topic)
        watched = self._watched.get(key) or self._new_watched(socket, topic)
        if watched is None:
            socket.tell(t="gone", topic=topic)
            return
        self._watched[key] = watched
        socket.topics.add(topic)
        watched.sockets.add(socket)
        if not await watched.catch_up(socket, seen):
            self.leave(socket, [topic])
            socket.tell(t="gone", topic=topic)

    def _new_watched(self, socket: LiveSocket, topic: str) -> Watched | None:
        kind, _, name = topic.partition(":")
        if topic == ME:
            return WatchedMe(self._product, self._renderer)
        if kind == "queue" and slice_of(name):
            return WatchedList(self._product, self._renderer, topic, name, socket.reader)
        with contextlib.suppress(ValueError):
            if kind == "presence":
                return WatchedPresence(self._product, self._renderer, topic, UUID(name), socket.reader)
            if kind == "conversation":
                return WatchedConversation(self._product, self._renderer, topic, UUID(name))
        return None

    def _key(self, socket: LiveSocket, topic: str) -> tuple[object, ...]:
        """Conversations are watched once per topic, lists once per topic and audience."""
        kind, _, name = topic.partition(":")
        if kind == "presence":
            return (topic, socket.reader.language)
        return (topic, *audience_of(socket.reader, name)) if kind == "queue" else (topic,)

    def _heard(self, topics: list[str]) -> None:
        """A poke: look at these conversations, and at the lists and notices, which any of them may have moved. Who is here moves no list."""
        heard = set(topics)
        is_news = any(not topic.startswith("presence:") for topic in heard)
        for watched in list(self._watched.values()):
            is_one = isinstance(watched, WatchedConversation | WatchedPresence)
            if watched.topic in heard if is_one else is_news:
                self._start_look(watched)

    def _look_everywhere(self) -> None:
        """After a reconnection to Redis: whatever was poked meanwhile is unknown."""
        for watched in list(self._watched.values()):
            self._start_look(watched)

    def _start_look(self, watched: Watched) -> None:
        if watched.want_look():
            task = asyncio.create_task(self._look(watched))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _look(self, watched: Watched) -> None:
        try:
            await watched.look()
        except TratoError as error:
            log.warning("live.look_failed", reason=str(error))
        except Exception:  # noqa: BLE001 - the edge of one look: reported; the next round looks again
            log.exception("live.look_error", topic=watched.topic)
        self._forget_unwatched()

    def _forget_unwatched(self) -> None:
        """A look may have let go of the last socket that showed something: of readers who may not see it any more."""
        for key in [key for key, watched in self._watched.items() if not watched.sockets]:
            del self._watched[key]

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._check_sessions()
                await self._check_revisions()
            except TratoError as error:
                log.warning("live.round_failed", reason=str(error))
            except Exception:  # noqa: BLE001 - the edge of one round: reported, and the next one comes
                log.exception("live.round_error")

    async def _check_sessions(self) -> None:
        """Sockets of ended sessions close; those whose reader got other rights come back with the new ones."""
        hashes = list({socket.session_hash for socket in self._sockets})
        if not hashes:
            return
        async with self._product.db.transaction() as tx:
            readers = await readers_by_session(tx, hashes)
        for socket in list(self._sockets):
            reader = readers.get(socket.session_hash)
            if reader is None:
                socket.close(SIGNED_OUT)
            elif reader != socket.reader:
                socket.close(RIGHTS_CHANGED)

    async def _check_revisions(self) -> None:
        conversations = [one for one in self._watched.values() if isinstance(one, WatchedConversation)]
        if conversations:
            async with self._product.db.transaction() as tx:
                rows = await tx.rows(
                    "select id, revision from conversation where org_id = :org and id = any(:ids)",
                    ids=[one.conversation_id for one in conversations],
                )
            now = {row.id: row.revision for row in rows}
            for one in conversations:
                if now.get(one.conversation_id) != one.revision:
                    self._start_look(one)
        for watched in list(self._watched.values()):
            if not isinstance(watched, WatchedConversation):
                self._start_look(watched)

    async def _ping_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            for socket in list(self._sockets):
                self.ping(socket)

    def ping(self, socket: LiveSocket) -> None:
        """Tell a socket where every topic it watches stands: a lost last frame shows only here."""
        heads = {topic: watched.head(socket) for topic in socket.topics if (watched := self._watched.get(self._key(socket, topic)))}
        socket.tell(t="ping", seen={topic: head for topic, head in heads.items() if head is not None})

    async def drain(self) -> None:
        """Close all sockets, a few at a time, so that they do not all come back at once."""
        for number, socket in enumerate(list(self._sockets)):
            socket.close(DRAINING)
            if number % _DRAIN_PER_SECOND == _DRAIN_PER_SECOND - 1:
                await asyncio.sleep(1)
