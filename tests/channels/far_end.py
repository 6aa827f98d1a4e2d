"""A carrier's side of the wire for tests: a real HTTP server on the loopback that answers as told, or fails as told."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

CLOSED_PORT_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Say:
    """An answer, or what happens instead of one after the whole request was read."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    then: str = "answer"  # answer | drop | reset | hang | half

    @staticmethod
    def json(status: int, value: object, *headers: tuple[str, str]) -> Say:
        return Say(status, json.dumps(value).encode(), (("Content-Type", "application/json"), *headers))


DROP = Say(then="drop")
RESET = Say(then="reset")
HANG = Say(then="hang")
GARBAGE = Say(raw=b"\x00\xff\x16\x03 this is no HTTP\r\n\r\n")


@dataclass(frozen=True)
class Heard:
    """One request that arrived whole."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass
class FarEnd:
    """Answers each request with the next of `script`, the last one for ever."""

    script: list[Say]
    heard: list[Heard] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _read(reader)) is not None:
                say = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                self.heard.append(request)
                if not await _perform(say, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def far_end(*script: Say) -> AsyncIterator[FarEnd]:
    """A running far end on a free port."""
    end = FarEnd(list(script))
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await end.serve(reader, writer)
        tasks.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    end.port = server.sockets[0].getsockname()[1]
    try:
        yield end
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def closed_port() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind((CLOSED_PORT_HOST, 0))
        return f"http://{CLOSED_PORT_HOST}:{probe.getsockname()[1]}"


async def _read(reader: asyncio.StreamReader) -> Heard | None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    return Heard(method, target, headers, await reader.readexactly(int(headers.get("content-length", "0"))))


async def _perform(say: Say, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection stays open."""
    if say.then == "hang":
        await asyncio.sleep(60)
    if say.then == "reset":
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    if say.then in ("hang", "reset", "drop"):
        return False
    writer.write(say.raw if say.raw is not None else _answer(say))
    await writer.drain()
    return say.raw is None and say.then == "answer"


def _answer(say: Say) -> bytes:
    length = len(say.body) + (1000 if say.then == "half" else 0)
    headers = [("Content-Length", str(length)), *say.headers]
    head = f"HTTP/1.1 {say.status} Told\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode() + b"\r\n" + say.body
