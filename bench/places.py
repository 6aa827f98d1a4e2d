"""Where a benchmark runs: durable servers of its own, the product's web program, the floor beside it, and the generator; all thrown away."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec

from base.embedded.children import Child, ChildSpec, Supervisor
from base.embedded.ports import free_port
from base.embedded.servers import LocalServers
from base.settings import Settings, read_settings
from bench.client import Carrier, Open, Result, Side, Turn
from bench.data import CONVERSATIONS, Clients, People, cookie, make_clients, make_people, topics_of
from bench.floor import TABLE
from console.migrating import migrate

OURS, FLOOR = "ours", "floor"
_READY_SECONDS = 30.0
_PATIENCE_SECONDS = 120.0
DOOR = "/hooks/twilio/message"


@dataclass
class Place:
    """Everything that runs, and how to load it."""

    settings: Settings
    people: People
    clients: Clients
    servers: Mapping[str, Child]
    generator: asyncio.subprocess.Process = field(repr=False)
    ports: Mapping[str, int]

    def pids(self) -> dict[str, int]:
        """The server process of each side, and PostgreSQL's."""
        for child in self.servers.values():
            if child.pid is None or child.endings:
                raise RuntimeError(f"{child.spec.name} has ended; its log is {child.spec.log}")
        return {name: child.pid for name, child in self.servers.items() if child.pid}

    async def open(self, *, sockets: int = 0) -> None:
        """Connect the generator anew: webhooks only, or with sockets that all watch the same list and the same ten conversations."""
        watching = [cookie(self.settings, secret) for secret in self.people.secrets[:sockets]]
        seen: dict[str, int | str] = {"queue:team": ""}
        seen |= await topics_of(self.settings, self.people.token, self.clients.debtors[: CONVERSATIONS if sockets else 0])
        port, floor, floor_sockets = self.settings.port, self.ports["floor"], self.ports["sockets"]
        sides = {
            OURS: Side(port, DOOR, port, "/live", watching, seen),
            FLOOR: Side(floor, "/tell" if sockets else "/store", floor_sockets, "/", [{}] * sockets),
        }
        phones = self.clients.phones[:CONVERSATIONS] if sockets else self.clients.phones
        weights = [1.0] * len(phones) if sockets else self.clients.weights
        await self._command(Open(self._carrier(phones, weights), sides))

    async def turn(self, side: str, requests: float, seconds: float) -> Result:
        """Load one side for a while."""
        return msgspec.convert(await self._command(Turn(side, requests, seconds)), Result)

    async def same_size(self, bytes_each: float) -> None:
        """Make the floor's tellings as long as ours are."""
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"http://127.0.0.1:{self.ports['floor']}/size", content=str(round(bytes_each)))
            answer.raise_for_status()

    def _carrier(self, phones: list[str], weights: list[float]) -> Carrier:
        settings = self.settings
        url = f"{settings.public_url}{DOOR}"
        return Carrier(settings.twilio_account_sid, settings.twilio_auth_token, settings.twilio_sender, url, phones, weights)

    async def _command(self, command: Open | Turn) -> Any:  # noqa: ANN401 - whatever the command answers
        assert self.generator.stdin is not None
        assert self.generator.stdout is not None
        self.generator.stdin.write(msgspec.json.encode(command) + b"\n")
        line = await asyncio.wait_for(self.generator.stdout.readline(), _PATIENCE_SECONDS)
        if not line:
            raise RuntimeError("the load generator has ended")
        return msgspec.json.decode(line)


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """Start everything in `folder`, with fsync on as in production. Raises `ChildFailed` when something does not start."""
    programs = {name: os.environ[name] for name in ("PG_BIN", "REDIS_BIN") if os.environ.get(name)}
    local = LocalServers(folder, programs, durable=True)
    supervisor = Supervisor(lambda line: print(line, file=sys.stderr))
    try:
        await local.start(supervisor)
        async with _started(folder, local, supervisor) as started:
            yield started
    finally:
        await supervisor.stop()
        local.close()


@asynccontextmanager
async def _started(folder: Path, local: LocalServers, supervisor: Supervisor) -> AsyncIterator[Place]:
    env = _environment(folder, local)
    settings = read_settings(env)
    await asyncio.to_thread(migrate, settings.migrator_database_url)
    await _floor_table(settings)
    people = await make_people(settings)
    web = await supervisor.keep(_spec("web", ("-m", "console.cli", "web"), folder, env, f"http://127.0.0.1:{settings.port}/health"))
    await web.until_ready(_READY_SECONDS)
    clients = await make_clients(settings, people.token)
    ports = {"floor": free_port(), "sockets": free_port()}
    env |= {"FLOOR_PORT": str(ports["floor"]), "FLOOR_SOCKET_PORT": str(ports["sockets"])}
    floor = await supervisor.keep(_spec("floor", ("-m", "bench.floor"), folder, env, f"http://127.0.0.1:{ports['floor']}/health"))
    await floor.until_ready(_READY_SECONDS)
    assert local.postgres_child is not None
    pipe = asyncio.subprocess.PIPE
    generator = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.client", stdin=pipe, stdout=pipe, limit=1 << 26)
    try:
        yield Place(settings, people, clients, {OURS: web, FLOOR: floor, "postgres": local.postgres_child}, generator, ports)
    finally:
        if generator.returncode is None:
            generator.kill()
        await generator.wait()


def _environment(folder: Path, local: LocalServers) -> dict[str, str]:
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env |= {**local.secrets, **local.urls, "TRATO_VAR": str(folder), "CARRIER": "simulator", "DEMO": "0"}
    return env | {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}


async def _floor_table(settings: Settings) -> None:
    connection = await asyncpg.connect(settings.migrator_database_url)
    try:
        await connection.execute(TABLE)
        await connection.execute("grant insert on floor to trato_app")
    finally:
        await connection.close()


def _spec(name: str, arguments: tuple[str, ...], folder: Path, env: Mapping[str, str], health: str) -> ChildSpec:
    async def answers() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2) as http:
                return (await http.get(health)).status_code == 200
        except httpx.HTTPError:
            return False

    return ChildSpec(name, (sys.executable, *arguments), folder / "log" / f"{name}.log", dict(env), answers)
