"""The load generator's two wires, as thin as Python allows: a keep-alive HTTP line and a socket that listens."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections import deque
from collections.abc import Callable

Answered = Callable[[int], None]
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


class Lines:
    """Keep-alive connections to one server, used in turn so that none of them idles; a request that finds none free waits for one."""

    def __init__(self) -> None:
        self._free: deque[_Line] = deque()
        self._waiting: deque[tuple[bytes, Answered]] = deque()

    async def open(self, port: int, number: int) -> None:
        """Open so many connections."""
        loop = asyncio.get_running_loop()
        for _ in range(number):
            _, line = await loop.create_connection(lambda: _Line(self), "127.0.0.1", port)
            self._free.append(line)

    def close(self) -> None:
        """Close the connections that are free."""
        for line in self._free:
            line.close()
        self._free.clear()

    def ask(self, request: bytes, answered: Answered) -> None:
        """Send one whole request; `answered` is called with the status, or with 0 when the connection broke."""
        if self._free:
            self._free.popleft().ask(request, answered)
        else:
            self._waiting.append((request, answered))

    def lost(self, line: _Line) -> None:
        """A connection that the server closed."""
        if line in self._free:
            self._free.remove(line)

    def give_back(self, line: _Line) -> None:
        """A connection whose answer is complete."""
        if self._waiting:
            line.ask(*self._waiting.popleft())
        else:
            self._free.append(line)


class _Line(asyncio.Protocol):
    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._read = b""
        self._answered: Answered | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes, answered: Answered) -> None:
        assert self._transport is not None
        self._answered = answered
        self._transport.write(request)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._read = b""
        self._end(int(head[9:12]))
        self._lines.give_back(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._lines.lost(self)
        self._end(0)

    def _end(self, status: int) -> None:
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(status)


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


class Socket(asyncio.Protocol):
    """A WebSocket client that hears text frames (RFC 6455, without extensions) and answers pings."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed: int | None = None
        self._heard = heard
        self._read = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands; nothing is agreed yet."""
        self._transport = transport  # type: ignore[assignment]

    def greet(self, port: int, path: str, headers: dict[str, str]) -> None:
        """Ask for the upgrade."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
        lines |= {"Sec-WebSocket-Key": key, **headers}
        self._write(
            f"GET {path} HTTP/1.1\r\n".encode() + "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode() + b"\r\n"
        )

    def say(self, text: str) -> None:
        """Send one text frame."""
        self._frame(_TEXT, text.encode())

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Take what came apart into frames."""
        self._read = self._read + data if self._read else data
        if not self.opened.done():
            head, found, rest = self._read.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.opened.set_exception(ConnectionError(head.split(b"\r\n", 1)[0].decode()))
                return
            self._read = rest
            self.opened.set_result(None)
        self._take_frames()

    def connection_lost(self, error: Exception | None) -> None:
        """The other side is gone."""
        self.closed = self.closed or 1006
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before the handshake"))

    def _take_frames(self) -> None:
        read, at = self._read, 0
        while (header := _header(read, at)) is not None:
            begins, ends = header
            if ends > len(read):
                break
            self._take(read[at] & 15, read[begins:ends])
            at = ends
        self._read = read[at:]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            self._heard(payload)
        elif opcode == _PING:
            self._frame(_PONG, payload)
        elif opcode == _CLOSE:
            self.closed = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
            self.close()

    def _frame(self, opcode: int, payload: bytes) -> None:
        """Clients mask; with zeros the bytes stay as they are."""
        size = bytes([128 | len(payload)]) if len(payload) < 126 else bytes([254]) + struct.pack(">H", len(payload))
        self._write(bytes([128 | opcode]) + size + b"\0\0\0\0" + payload)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _header(read: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at `at` begins and ends; None while its header is not complete."""
    if len(read) < at + 2:
        return None
    size = read[at + 1] & 127
    extra = {126: 2, 127: 8}.get(size, 0)
    if len(read) < at + 2 + extra:
        return None
    if extra:
        size = int.from_bytes(read[at + 2 : at + 2 + extra], "big")
    return at + 2 + extra, at + 2 + extra + size
