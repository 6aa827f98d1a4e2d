"""Screens: live sockets that keep what they show by the protocol of static/live.js, and lose, double and interrupt on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from tests.chaos.history import History
from tests.chaos.page import Part, place, read_page
from tests.chaos.people import Person

_SILENT = 25.0
_PATIENCE = 1.0
_LONGEST_PAUSE = 1.0
_RANKS = {"queued": 0, "cancelled": 10, "withheld": 10, "unconfirmed": 20, "sent": 30, "failed": 35, "delivered": 40, "read": 50}
_DROPPED, _DOUBLED, _CUT = 0.05, 0.05, 0.01


@dataclass
class Region:
    """One topic on a screen."""

    seen: Any
    parts: dict[str, Part]
    order: list[str]
    is_cut: bool
    applied: float = field(default_factory=time.time)


@dataclass
class Screen:
    """One browser tab that watches some topics."""

    name: str
    person: Person
    live: str
    origin: str
    topics: Sequence[str]
    history: History
    chance: random.Random
    regions: dict[str, Region] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    unkind: bool = True
    _asked: dict[str, float] = field(default_factory=dict)
    _socket: ClientConnection | None = None

    async def watch(self) -> None:
        """Render every topic once, then keep it live until cancelled; come back whenever the line is lost."""
        for topic in self.topics:
            self.regions[topic] = await self.fetch(topic)
        tries = 0
        while True:
            began = time.monotonic()
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                await self._follow()
            tries = 0 if time.monotonic() - began > 2 else tries + 1
            self._count("reconnects")
            await asyncio.sleep(self.chance.uniform(0, min(_LONGEST_PAUSE, 0.1 * 2**tries)))

    async def fetch(self, topic: str) -> Region:
        """The topic as a fresh render shows it."""
        kind, _, name = topic.partition(":")
        answer = await self.person.page(f"/queue?view={name}" if kind == "queue" else f"/c/{name}")
        page = read_page(answer.text)
        seen = page.seen.get(topic)
        order = [part.removeprefix("q-") for part in page.parts if part.startswith("q-")]
        return Region(int(seen) if kind == "conversation" and seen else seen, page.parts, order, page.is_cut)

    async def _follow(self) -> None:
        headers = {"Cookie": self.person.cookie}
        async with connect(
            self.live,
            origin=Origin(self.origin),
            additional_headers=headers,
            open_timeout=5,
            close_timeout=1,
            compression=None,
            max_size=None,
            proxy=None,
        ) as socket:
            self._socket = socket
            self._asked.clear()
            await socket.send(json.dumps({"t": "hello", "seen": {topic: region.seen for topic, region in self.regions.items()}}))
            while True:
                message = json.loads(await asyncio.wait_for(socket.recv(), _SILENT))
                await self._receive(message)
                if self.unkind and self.chance.random() < _CUT:
                    self._count("cut off")
                    return

    async def _receive(self, message: dict[str, Any]) -> None:
        if message["t"] == "frame":
            self._count("frames")
            for _ in range(self._copies()):
                await self._apply(message)
        elif message["t"] == "ping":
            await self._compare(message["seen"])
        elif message["t"] == "gone":
            self._count("fetched whole")
            self.regions[message["topic"]] = await self.fetch(message["topic"])
            await self._ask(message["topic"], again=True)

    def _copies(self) -> int:
        """How often a frame arrives."""
        if not self.unkind:
            return 1
        luck = self.chance.random()
        if luck < _DROPPED:
            self._count("frames dropped")
            return 0
        if luck < _DROPPED + _DOUBLED:
            self._count("frames doubled")
            return 2
        return 1

    async def _apply(self, frame: dict[str, Any]) -> None:
        region = self.regions[frame["topic"]]
        since, reached, is_list = frame["from"], frame["to"], "order" in frame
        if (since is not None and reached == region.seen) if is_list else reached <= region.seen:
            return
        if (since is not None and since != region.seen) if is_list else since > region.seen:
            await self._ask(frame["topic"])
            return
        self._show(region, frame["html"])
        self._asked.pop(frame["topic"], None)
        if is_list and not self._arrange(region, frame["order"]):
            region.seen = ""
            await self._ask(frame["topic"])
            return
        region.seen, region.applied = reached, time.time()

    def _show(self, region: Region, html: str) -> None:
        incoming = read_page(html).parts
        for name, part in incoming.items():
            here = region.parts.get(name)
            if here and part.get("revision", 0) > here.get("revision", 0) and _RANKS.get(part.get("state", "")) is not None:
                before, after = _RANKS.get(here.get("state", ""), 0), _RANKS[part["state"]]
                if after < before:
                    self.history.note("screen moved back", screen=self.name, entry=name.removeprefix("e-"), before=here, after=part)
        place(region.parts, incoming, is_cut=region.is_cut)

    @staticmethod
    def _arrange(region: Region, order: list[str]) -> bool:
        rows = {name for name in region.parts if name.startswith("q-")}
        for name in rows - {f"q-{one}" for one in order}:
            del region.parts[name]
        region.order = order
        return all(f"q-{one}" in rows for one in order)

    async def _compare(self, heads: dict[str, Any]) -> None:
        for topic, head in heads.items():
            region = self.regions.get(topic)
            if region is None:
                continue
            behind = head != region.seen if isinstance(head, str) else head > region.seen
            if behind:
                self._count("found by ping")
                await self._ask(topic)

    async def _ask(self, topic: str, *, again: bool = False) -> None:
        """One question at a time: late frames would each ask again."""
        now = time.monotonic()
        if self._socket is None or (not again and now - self._asked.get(topic, 0.0) < _PATIENCE):
            return
        self._asked[topic] = now
        self._count("asked again")
        await self._socket.send(json.dumps({"t": "watch", "seen": {topic: self.regions[topic].seen}}))

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


async def compare_with_fresh(screens: Sequence[Screen]) -> None:
    """Write into the history what each screen shows, beside a fresh render for the same person."""
    fresh: dict[tuple[str, str], Region] = {}
    for screen in screens:
        for topic, region in screen.regions.items():
            key = (screen.person.who, topic)
            if key not in fresh:
                fresh[key] = await screen.fetch(topic)
            screen.history.note("screen", screen=screen.name, topic=topic, shown=_state(region), fresh=_state(fresh[key]))


def _state(region: Region) -> dict[str, Any]:
    return {"seen": region.seen, "order": region.order, "parts": region.parts}
