"""Browsers without a screen: a visitor with a cookie and a form token of their own, and a live line; what they send is exactly what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from staff.models import Role
from staff.people import record_agent, record_team
from staff.sessions import csrf_token, new_token, open_session
from tests.running import Running

COOKIE = "__Host-trato"
NOBODY = "00000000-0000-7000-8000-000000000000"
_phones = itertools.count(573008000000)


@dataclass
class Visitor:
    """One browser. Without a `secret` it is signed out."""

    running: Running
    secret: str = ""
    csrf: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for an address; redirects are not followed."""
        return await self.ask("GET", path, headers=headers)

    async def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
        """Send a form as our own page does: with the session's token and our Origin, unless `headers` say otherwise."""
        own = {"origin": self.running.url, "x-csrf-token": self.csrf}
        return await self.ask("POST", path, data=data, headers=own | {name.replace("_", "-"): value for name, value in headers.items()})

    async def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Send a request with the cookie, and with nothing that the test did not give."""
        given = {name: value for name, value in (headers or {}).items() if value}
        if self.secret:
            given["cookie"] = f"{COOKIE}={self.secret}"
        async with httpx.AsyncClient(base_url=self.running.url, timeout=60, verify=False) as http:
            encoded = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
            return await http.request(method, path, headers=encoded, **more)

    @contextlib.asynccontextmanager
    async def line(self, origin: str | None = "own") -> AsyncIterator[Line]:
        """The live socket, as a page of `origin` opens it."""
        headers = {"cookie": f"{COOKIE}={self.secret}"} if self.secret else {}
        own = self.running.url if origin == "own" else origin
        url = self.running.url.replace("http", "ws", 1) + "/live"
        async with connect(url, origin=own, additional_headers=headers, compression=None, close_timeout=1, proxy=None) as socket:  # type: ignore[arg-type]
            yield Line(socket)


@dataclass
class Line:
    """A live socket as a page sees it."""

    socket: ClientConnection
    unread: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **message: Any) -> None:
        """Send one frame."""
        await self.socket.send(json.dumps(message))

    async def hear(self, kind: str, seconds: float = 60.0, **fields: Any) -> dict[str, Any]:
        """The next frame of a kind (with these fields); others wait until they are asked for."""
        wanted = {"t": kind} | fields
        async with asyncio.timeout(seconds):
            while not (found := [message for message in self.unread if wanted.items() <= message.items()]):
                self.unread.append(json.loads(await self.socket.recv()))
        self.unread.remove(found[0])
        return found[0]

    async def closed(self, seconds: float = 60.0) -> int:
        """The code that the server closes with; what it says before that is let pass."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(seconds):
                while True:
                    await self.socket.recv()
        assert self.socket.close_code is not None
        return self.socket.close_code


async def signed_in(running: Running, who: str = "ana") -> Visitor:
    """A browser of somebody who has come in; the door itself is tried in tests/test_sign_in.py."""
    secret = await session_of(running, who)
    return Visitor(running, secret, csrf_token(running.settings.session_key, secret))


async def session_of(running: Running, who: str) -> str:
    """The secret of a new session of somebody."""
    async with running.product.db.transaction() as tx:
        return await open_session(tx, running.agents[who])


async def try_to_sign_in(
    running: Running, email: str, password: str, *, place: str = "127.0.0.1", headers: dict[str, str] | None = None, **fields: str
) -> httpx.Response:
    """Fill in the door's form at `place`, an address of the loopback."""
    transport = httpx.AsyncHTTPTransport(local_address=place, verify=False)
    async with httpx.AsyncClient(base_url=running.url, transport=transport, timeout=60, verify=False) as http:
        return await http.post("/sign-in", data={"email": email, "password": password} | fields, headers=headers)


def cookie_of(answer: httpx.Response) -> str:
    """The session's secret in an answer's cookie."""
    found = re.match(rf"{COOKIE}=([^;]+)", answer.headers.get("set-cookie", ""))
    assert found, answer.headers
    return found[1]


def csrf_on(page: str) -> str:
    """The form token that a page carries."""
    found = re.search(r'name="_csrf" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def stranger(running: Running, name: str = "eva", role: Role = Role.AGENT, team: str = "Equipo Pacífico") -> None:
    """Somebody of another team: `running` then has their token and password as of the others."""
    email = f"{name}@trato.example"
    async with running.product.work() as tx:
        agent = await record_agent(tx, email=email, name=name, role=role, password=running.password(email))
        await record_team(tx, team, [agent])
        running.agents[name], running.tokens[name] = agent, await new_token(tx, agent)


async def open_portfolio(running: Running, creditor: str, team: str) -> None:
    """A creditor whose portfolio a team serves."""
    async with running.api() as api:
        answer = await api.post("/api/v1/creditors", json={"name": creditor, "type": "store", "team": team})
        assert answer.status_code == 200, answer.text


def some_phone() -> str:
    """A Colombian mobile number that no other test uses."""
    return f"+{next(_phones)}"
