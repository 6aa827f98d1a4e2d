"""The live socket's door: our own pages only, signed in, small well-formed frames; everything else is closed with a code that says why."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from litestar import websocket
from litestar.exceptions import PermissionDeniedException, WebSocketDisconnect

from base.errors import TratoError
from base.log import log
from console.hub import Hub
from console.metrics import SOCKETS
from console.session import CrossSite, check_origin, find_session
from console.socket import BAD_FRAME, DRAINING, SIGNED_OUT, AnyWebSocket, LiveSocket
from inbox.product import Product

_MOST_CHARACTERS = 8192


class _Watch(msgspec.Struct, tag_field="t", tag="watch", forbid_unknown_fields=True):
    seen: dict[str, int | str]


class _Hello(msgspec.Struct, tag_field="t", tag="hello", forbid_unknown_fields=True):
    seen: dict[str, int | str]


class _Leave(msgspec.Struct, tag_field="t", tag="leave", forbid_unknown_fields=True):
    topics: list[str]


_DECODER: msgspec.json.Decoder[_Hello | _Watch | _Leave] = msgspec.json.Decoder(_Hello | _Watch | _Leave)


@websocket("/live", opt={"door": "session"})
async def live(socket: AnyWebSocket, product: Product, hub: Hub) -> None:
    """One browser's line. Another site's page is refused before the handshake; the signed-out are told so (4401)."""
    try:
        check_origin(socket, product.settings, needed=True)
        session = await find_session(socket, product)
    except CrossSite as error:
        raise PermissionDeniedException(str(error)) from error
    except TratoError:
        await _refuse(socket, DRAINING)
        return
    if session is None:
        await _refuse(socket, SIGNED_OUT)
        return
    await socket.accept()
    line = LiveSocket(socket, session)
    hub.join(line)
    SOCKETS.inc()
    writing = asyncio.create_task(line.write())
    reading = asyncio.create_task(_read(socket, hub, line))
    try:
        await asyncio.wait((writing, reading), return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(line)
        SOCKETS.dec()
        await _end(reading, writing)


async def _end(reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
    """Give a closing frame a moment to leave, then let go of both directions."""
    if reading.done():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(writing), 1)
    for task in (reading, writing):
        task.cancel()
    await asyncio.gather(reading, writing, return_exceptions=True)


async def _refuse(socket: AnyWebSocket, code: int) -> None:
    """Accept, and close with a code: before the handshake a browser could not tell why."""
    await socket.accept()
    await socket.close(code=code)


async def _read(socket: AnyWebSocket, hub: Hub, line: LiveSocket) -> None:
    while True:
        try:
            frame: Any = await socket.receive_data(mode="text")
        except (WebSocketDisconnect, RuntimeError):
            line.close(1000)
            return
        try:
            if not isinstance(frame, str) or len(frame) > _MOST_CHARACTERS:
                raise msgspec.ValidationError("a frame is text of at most 8,192 characters")
            await _heed(hub, line, _DECODER.decode(frame))
        except (msgspec.DecodeError, UnicodeError):
            line.close(BAD_FRAME)
            return
        except TratoError as error:
            log.warning("live.frame_failed", reason=str(error))
            line.close(DRAINING)
            return
        except Exception:  # noqa: BLE001 - the edge of one socket: reported, and the browser comes back
            log.exception("live.frame_error")
            line.close(DRAINING)
            return


async def _heed(hub: Hub, line: LiveSocket, message: _Hello | _Watch | _Leave) -> None:
    if isinstance(message, _Leave):
        hub.leave(line, message.topics)
        return
    for topic, seen in message.seen.items():
        await hub.watch(line, topic, seen)
    if isinstance(message, _Hello):
        line.tell(t="live")
        hub.ping(line)
