"""The product as tests meet it: the real web program and worker in this process, the simulator beside them, real PostgreSQL and Redis."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from argon2 import PasswordHasher
from litestar import Litestar

import staff.passwords
from base.settings import Settings
from console.setting_up import DEMO_PEOPLE, PEOPLE, password_of
from inbox.product import Product
from inbox.worker import work_until
from staff.models import Role
from staff.people import record_agent, record_team
from staff.sessions import new_token

# A moment by day, far from the wall clock's, to which tests move the product's.
FAR = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)

REAL_HASHER = staff.passwords._HASHER


def hash_with(hasher: PasswordHasher) -> None:
    """From now on passwords are hashed by this."""
    staff.passwords._HASHER, staff.passwords._NOBODYS = hasher, hasher.hash("nobody has this password")


# Argon2 is slow by design, a fifth of a second each; tests of that slowness bring the real one back.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
hash_with(CHEAP_HASHER)


@contextlib.asynccontextmanager
async def serving(app: Any, port: int, http: Any = "httptools") -> AsyncIterator[None]:
    """Serve an ASGI application on the loopback, as production serves it."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, ws="websockets-sansio", http=http, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined,method-assign]
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            if task.done():
                task.result()
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            server.should_exit = True
            await task


@dataclass
class Running:
    """A running product with its people: what a test drives through the front doors."""

    settings: Settings
    app: Litestar
    simulator_url: str
    tokens: dict[str, str] = field(default_factory=dict)
    agents: dict[str, uuid.UUID] = field(default_factory=dict)

    @property
    def product(self) -> Product:
        """The web process's own product, for looking at the database."""
        product: Product = self.app.state.product
        return product

    @property
    def url(self) -> str:
        """Where the console is."""
        return self.settings.public_url

    def password(self, email: str) -> str:
        """The first password of one of the demo's people."""
        return password_of(self.settings, email)

    def api(self, who: str = "admin") -> httpx.AsyncClient:
        """An API client with somebody's token: admin, supervisora, ana, luis or revisora."""
        return httpx.AsyncClient(base_url=self.url, headers={"authorization": f"Bearer {self.tokens[who]}"}, timeout=60, verify=False)

    def simulator(self) -> httpx.AsyncClient:
        """The simulator's own doors."""
        return httpx.AsyncClient(base_url=self.simulator_url, timeout=60, verify=False)

    async def client_writes(self, phone: str, text: str, **more: Any) -> str:
        """A client sends an SMS through the carrier; returns the carrier's id once our door has answered."""
        async with self.simulator() as simulator:
            answer = await simulator.post("/_simulator/inbound", json={"from": phone, "text": text, **more})
            answer.raise_for_status()
            return str(answer.json()["sid"])

    async def new_client(
        self, phone: str = "+573001234567", name: str = "Rosa Márquez", creditor: str = "Banco Aurora", **more: Any
    ) -> dict[str, Any]:
        """A client recorded over the API by the admin, with one SMS address and one debt of 250,000 pesos."""
        card = {
            "ref": f"R-{uuid.uuid4().hex[:10]}",
            "name": name,
            "country": "CO",
            "addresses": [{"channel": "sms", "value": phone}],
            "debts": [{"ref": f"D-{uuid.uuid4().hex[:10]}", "creditor": creditor, "total_due": "250000", "currency": "COP"}],
        }
        async with self.api() as api:
            answer = await api.post("/api/v1/debtors", json=card | more)
            assert answer.status_code in (200, 201), answer.text
            body: dict[str, Any] = answer.json()
            return body

    async def timeline(self, debtor_id: str, who: str = "admin") -> list[dict[str, Any]]:
        """All entries of a client's timeline, as somebody sees them over the API."""
        async with self.api(who) as api:
            answer = await api.get(f"/api/v1/debtors/{debtor_id}/timeline?limit=200")
            assert answer.status_code == 200, answer.text
            entries: list[dict[str, Any]] = answer.json()["entries"]
            return entries

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of the database, for looking behind the doors."""
        async with self.product.db.transaction() as tx:
            return list(await tx.rows(sql, **values))


async def until(check: Any, seconds: float = 60.0) -> Any:
    """What `check` (a coroutine function) first returns that is true; fails after `seconds`, which are for a busy machine and no promise."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await check()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"still {found!r} after {seconds} s"
        await asyncio.sleep(0.05)


async def make_people(running: Running) -> None:
    """The demo's five people with tokens; ana, luis and the supervisor are the team that serves Banco Aurora."""
    async with running.product.work() as tx:
        # A late webhook of the test before may have been quarantined meanwhile, under the organisation's key.
        if await tx.row("select key_name from person_key where org_id = :org and person_id = :org") is None:
            await tx.new_person_key(tx.org)
        # The simulator remembers the tests before this one; the reconciler's walk begins here.
        await tx.run("insert into carrier_walk (org_id, adapter, until) values (:org, 'twilio', clock_timestamp() + interval '10 minutes')")
        for person in (*PEOPLE, *DEMO_PEOPLE):
            name = person.email.split("@")[0]
            agent = await record_agent(tx, email=person.email, name=person.name, role=person.role, password=running.password(person.email))
            running.agents[name] = agent
            running.tokens[name] = await new_token(tx, agent)
        # What is sent leaves at once; tests of the seconds to take it back give their agent some.
        await tx.run("update agent set preferences = preferences || '{\"undo_seconds\": 0}' where org_id = :org")
        team = [running.agents[person.email.split("@")[0]] for person in DEMO_PEOPLE if person.role is not Role.REVIEWER]
        await record_team(tx, "Equipo Andes", team)
    async with running.api() as api:
        answer = await api.post(
            "/api/v1/creditors", json={"name": "Banco Aurora", "type": "bank", "first_party": True, "country": "CO", "team": "Equipo Andes"}
        )
        assert answer.status_code == 200, answer.text


@contextlib.asynccontextmanager
async def working(product: Product) -> AsyncIterator[None]:
    """A worker beside the web program."""
    stop = asyncio.Event()
    task = asyncio.create_task(work_until(product, stop))
    try:
        yield
    finally:
        stop.set()
        await task
