"""One live socket: a bounded queue and one writer, so that a browser that does not read never holds up the others."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketDisconnect

from console.metrics import FRAMES, LAGGARDS
from console.session import Session
from inbox.access import Reader
from staff.sessions import hash_of

SIGNED_OUT = 4401
BAD_FRAME = 4400
LAGGARD = 4408
RIGHTS_CHANGED = 4409
DRAINING = 4503
_ROOM = 256
_PATIENCE = 10.0

AnyWebSocket = WebSocket[Any, Any, Any]


class LiveSocket:
    """A browser that watches topics."""

    def __init__(self, socket: AnyWebSocket, session: Session) -> None:
        self.reader: Reader = session.reader
        self.session_hash = hash_of(session.secret)
        self.topics: set[str] = set()
        self._socket = socket
        self._frames: asyncio.Queue[str | int] = asyncio.Queue(_ROOM)
        self.closing = False

    def tell(self, **message: Any) -> None:  # noqa: ANN401 - JSON values
        """Queue one message; a full queue closes the socket, and the browser comes back and catches up."""
        self.push(msgspec.json.encode(message).decode(), str(message["t"]))

    def push(self, encoded: str, kind: str) -> None:
        """Queue one encoded message."""
        if self.closing:
            return
        try:
            self._frames.put_nowait(encoded)
            FRAMES.labels(kind).inc()
        except asyncio.QueueFull:
            LAGGARDS.inc()
            self.close(LAGGARD)

    def close(self, code: int) -> None:
        """Close after the frame that is being written; what waited behind it is let go, for the browser asks again when it comes back."""
        if self.closing:
            return
        self.closing = True
        while not self._frames.empty():
            self._frames.get_nowait()
        self._frames.put_nowait(code)

    async def write(self) -> None:
        """Write what is queued, until told to close, or until the browser takes nothing for ten seconds."""
        while True:
            frame = await self._frames.get()
            try:
                async with asyncio.timeout(_PATIENCE):
                    if isinstance(frame, int):
                        await self._socket.close(code=frame)
                        return
                    await self._socket.send_data(frame)
            except TimeoutError:
                self.closing = True
                LAGGARDS.inc()
                return
            except (WebSocketDisconnect, RuntimeError, OSError):
                return
