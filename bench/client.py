"""The load generator, a process of its own: open loop, so that a slow answer never delays the next request.

It reads one JSON command per line and answers each with one line. Latencies count from the moment a request was *meant* to leave. Requests
are made and signed before a turn begins, so that a turn costs the generator little.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
import uvloop

from bench.wire import Lines, Socket
from simulator.signature import sign

_LINES = 32
_MARK = re.compile(rb"#(\d{8})#")
_REVISION = re.compile(rb'"topic":"(conversation:[0-9a-f-]{36})","from":\d+,"to":(\d+)')
_HEAD_BYTES = 120
_DRAIN_SECONDS = 5.0


class Carrier(msgspec.Struct):
    """What a webhook needs: the account, the key it is signed with, our number, the door's public address, and who writes how often."""

    account: str
    token: str
    to: str
    url: str
    phones: list[str]
    weights: list[float]


class Side(msgspec.Struct):
    """One server: where requests go, and where its sockets listen (none: no sockets)."""

    port: int
    path: str
    socket_port: int = 0
    socket_path: str = "/"
    sockets: list[dict[str, str]] = []
    seen: dict[str, int | str] = {}


class Open(msgspec.Struct, tag="open"):
    """Connect to both sides."""

    carrier: Carrier
    sides: dict[str, Side]


class Turn(msgspec.Struct, tag="turn"):
    """Load one side for a while; `requests` are per second."""

    side: str
    requests: float
    seconds: float


class Result(msgspec.Struct):
    """One turn: milliseconds until the answer, and until the last socket heard; what failed; bytes per telling and socket."""

    answers: list[float]
    screens: list[float]
    errors: int
    missing: int
    closed: int
    bytes_each: float


@dataclass
class Watch:
    """One watching socket, with the newest revision of each topic that it was told."""

    headers: dict[str, str]
    seen: dict[str, int | str]
    socket: Socket | None = None
    marks: set[int] = field(default_factory=set)


@dataclass
class Telling:
    """One request on its way: when it was meant to leave, and whom its news reached until when."""

    meant: float
    answered: float = 0.0
    status: int = -1
    sockets: int = 0
    last: float = 0.0


class Target:
    """One side with its connections and sockets."""

    def __init__(self, side: Side, numbers: itertools.count[int]) -> None:
        self.side = side
        self.watches = [Watch(headers, dict(side.seen)) for headers in side.sockets]
        self.tellings: dict[int, Telling] = {}
        self.lines = Lines()
        self.newest: dict[str, int | str] = dict(side.seen)
        self.bytes_heard = 0
        self._numbers = numbers

    async def open(self) -> None:
        """Open every socket."""
        for watch in self.watches:
            await self._watch(watch)

    def close(self) -> None:
        """Let go of everything."""
        self.lines.close()
        for watch in self.watches:
            if watch.socket is not None:
                watch.socket.close()

    async def mend(self) -> None:
        """Open again what the server closed."""
        for watch in self.watches:
            if watch.socket is None or watch.socket.closed is not None:
                await self._watch(watch)

    async def _watch(self, watch: Watch) -> None:
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_connection(
            lambda: Socket(lambda frame: self._heard(watch, frame)), "127.0.0.1", self.side.socket_port
        )
        watch.socket = socket
        socket.greet(self.side.socket_port, self.side.socket_path, watch.headers)
        await asyncio.wait_for(socket.opened, 10)
        if watch.seen:
            socket.say(msgspec.json.encode({"t": "hello", "seen": watch.seen}).decode())

    def _heard(self, watch: Watch, frame: bytes) -> None:
        """A frame of a conversation: whatever is told in it is on this socket's screen now."""
        now, head = time.perf_counter(), frame[:_HEAD_BYTES]
        self.bytes_heard += len(frame)
        if b'"topic":"conversation:' not in head:
            return
        if head.startswith(b'{"t":"gone"') and watch.socket is not None:
            topic = msgspec.json.decode(frame)["topic"]
            watch.socket.say(msgspec.json.encode({"t": "watch", "seen": {topic: self.newest[topic]}}).decode())
            return
        revision = _REVISION.search(head)
        if revision:
            watch.seen[revision[1].decode()] = self.newest[revision[1].decode()] = int(revision[2])
        for mark in _MARK.findall(frame):
            number = int(mark)
            telling = self.tellings.get(number)
            if telling is not None and number not in watch.marks:
                watch.marks.add(number)
                telling.sockets += 1
                telling.last = now

    async def turn(self, carrier: Carrier, rate: float, seconds: float) -> Result:
        """One turn of load, and a moment for what is still on its way."""
        self.bytes_heard, self.tellings = 0, {}
        for watch in self.watches:
            watch.marks.clear()
        await self.mend()
        self.lines.close()
        await self.lines.open(self.side.port, _LINES)
        numbers = [next(self._numbers) for _ in range(round(rate * seconds))]
        requests = [_request(self.side, carrier, number) for number in numbers]
        await asyncio.sleep(0.2)
        begin = time.perf_counter() + 0.05
        due = [begin + index / rate for index in range(len(numbers))]
        self._send_at(due, numbers, requests)
        await self._drained(due[-1])
        return self._result()

    def _send_at(self, due: list[float], numbers: list[int], requests: list[bytes]) -> None:
        """A thread that sleeps until each moment: the loop's own timers are a millisecond coarse, which would flatter both sides."""
        loop = asyncio.get_running_loop()

        def keep_time() -> None:
            for moment, number, request in zip(due, numbers, requests, strict=True):
                time.sleep(max(0.0, moment - time.perf_counter()))
                loop.call_soon_threadsafe(self._send, moment, number, request)

        threading.Thread(target=keep_time, daemon=True).start()

    def _send(self, meant: float, number: int, request: bytes) -> None:
        telling = self.tellings[number] = Telling(meant)

        def answered(status: int) -> None:
            telling.answered, telling.status = time.perf_counter(), status

        self.lines.ask(request, answered)

    async def _drained(self, last: float) -> None:
        """Wait until all was sent, answered and heard, or until patience ends."""
        await asyncio.sleep(max(0.0, last - time.perf_counter()) + 0.01)
        for _ in range(round(_DRAIN_SECONDS / 0.02)):
            if all(self._is_done(telling) for telling in self.tellings.values()):
                return
            await asyncio.sleep(0.02)

    def _is_done(self, telling: Telling) -> bool:
        return telling.status >= 0 and telling.sockets == len(self.watches)

    def _result(self) -> Result:
        told = list(self.tellings.values())
        heard = [one for one in told if self.watches and one.sockets == len(self.watches)]
        deliveries = sum(one.sockets for one in told)
        return Result(
            answers=[(one.answered - one.meant) * 1000 for one in told if one.status == 200],
            screens=[(one.last - one.meant) * 1000 for one in heard],
            errors=sum(one.status != 200 for one in told),
            missing=len(told) * len(self.watches) - deliveries,
            closed=sum(watch.socket is None or watch.socket.closed is not None for watch in self.watches),
            bytes_each=self.bytes_heard / deliveries if deliveries else 0.0,
        )


def _request(side: Side, carrier: Carrier, number: int) -> bytes:
    """A client's SMS as the carrier would send it; the same bytes for both sides."""
    phone = random.Random(number).choices(carrier.phones, carrier.weights)[0]
    sid = f"SM{uuid.uuid4().hex}"
    fields = {
        "ToCountry": "US",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "SmsSid": sid,
        "SmsStatus": "received",
        "FromCountry": "CO",
        "Body": f"Buenas tardes, ¿puedo pagar la mitad el viernes? #{number:08}#",
        "To": carrier.to,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": carrier.account,
        "From": phone,
        "ApiVersion": "2010-04-01",
    }
    body = urlencode(fields).encode()
    head = (
        f"POST {side.path} HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {sign(carrier.token, carrier.url, fields.items())}\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def main() -> None:
    """Serve commands until standard input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    decoder = msgspec.json.Decoder(Open | Turn)
    numbers = itertools.count(1)
    targets: dict[str, Target] = {}
    carrier = None
    while line := await reader.readline():
        command = decoder.decode(line)
        answer: Any = None
        if isinstance(command, Open):
            carrier = command.carrier
            for target in targets.values():
                target.close()
            targets = {name: Target(side, numbers) for name, side in command.sides.items()}
            for target in targets.values():
                await target.open()
        elif carrier is not None:
            answer = await targets[command.side].turn(carrier, command.requests, command.seconds)
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
