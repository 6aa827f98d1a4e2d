"""The floor: the least a server can do for the same promise. The same body in one committed row, then (W2) told over Redis to every socket.

A bare ASGI application on the product's own web server, with asyncpg and nothing between; no rights, no signature, no conversation. For
browsers it answers pages that it was given as they are.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import redis.asyncio as redis
import uvicorn
from websockets.asyncio.server import ServerConnection, broadcast, serve

TABLE = (
    "create table if not exists floor (id bigint generated always as identity primary key, body bytea not null, at timestamptz not null)"
)
_INSERT = "insert into floor (body, at) values ($1, clock_timestamp())"
_CONNECTIONS = 20
_CHANNEL = "floor"
_MARK = re.compile(rb"%23(\d{8})%23")
_HEAD = '{"t":"frame","topic":"conversation:floor","html":"#%s#'

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Floor:
    """An ASGI application: POST /store commits the body; POST /tell also tells every socket; POST /size sets how long a telling is.

    PUT of anything keeps it, and GET answers it with the same bytes and type.
    """

    def __init__(self) -> None:
        self._free: asyncio.LifoQueue[asyncpg.Connection] = asyncio.LifoQueue()
        self._bus = redis.Redis.from_url(os.environ["REDIS_URL"])
        self._sockets: set[ServerConnection] = set()
        self._size = 1000
        self._pages: dict[str, tuple[bytes, bytes]] = {}
        self._tasks: list[asyncio.Task[Any]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One request, or the server's own start."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = await _whole(receive)
        kind, said = b"text/plain", b"ok"
        if scope["path"] == "/size":
            self._size = int(body)
        elif scope["method"] == "PUT":
            self._pages[scope["path"]] = dict(scope["headers"])[b"content-type"], body
        elif scope["path"] in self._pages:
            kind, said = self._pages[scope["path"]]
        else:
            await self._store(body, tell=scope["path"] == "/tell")
        headers = [(b"content-length", str(len(said)).encode()), (b"content-type", kind), (b"cache-control", _cache(scope["path"]))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    async def _store(self, body: bytes, *, tell: bool) -> None:
        connection = await self._free.get()
        try:
            await connection.execute(_INSERT, body)
        finally:
            self._free.put_nowait(connection)
        mark = _MARK.search(body)
        if tell and mark:
            await self._bus.publish(_CHANNEL, mark[1])

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        for _ in range(_CONNECTIONS):
            self._free.put_nowait(await asyncpg.connect(os.environ["DATABASE_URL"]))
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._serve())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._tasks:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _listen(self) -> None:
        async with self._bus.pubsub() as told:
            await told.subscribe(_CHANNEL)
            async for message in told.listen():
                if message["type"] == "message":
                    broadcast(self._sockets, (_HEAD % message["data"].decode()).ljust(self._size - 2, ".") + '"}')

    async def _serve(self) -> None:
        async def stay(socket: ServerConnection) -> None:
            self._sockets.add(socket)
            try:
                await socket.wait_closed()
            finally:
                self._sockets.discard(socket)

        async with serve(stay, "127.0.0.1", int(os.environ["FLOOR_SOCKET_PORT"]), compression=None):
            await asyncio.get_running_loop().create_future()


def _cache(path: str) -> bytes:
    """As the product says it: a warm cache has the same files on both sides."""
    return b"public, max-age=3600" if path.startswith(("/assets/", "/static/")) else b"no-store"


async def _whole(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


def main() -> None:
    """Serve the floor as the product is served."""
    port = int(os.environ["FLOOR_PORT"])
    uvicorn.run(Floor(), host="127.0.0.1", port=port, loop="uvloop", http="httptools", ws="none", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
