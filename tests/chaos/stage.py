"""The stage: PostgreSQL, Redis, web, workers and simulator as real processes in a folder of their own, restarted when they end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from base.embedded.children import Child, ChildSpec, Supervisor
from base.embedded.health import answers
from base.settings import Settings, read_settings
from console.migrating import migrate
from console.setting_up import DEMO_PEOPLE, PEOPLE, password_of
from inbox.product import Product, open_product
from staff.models import Role
from staff.people import record_agent, record_team
from staff.sessions import new_token
from tests.chaos.http import client
from tests.servers import Servers, free_port, start_servers

ROOT = Path(__file__).parents[2]
CREDITOR = "Banco Aurora"
_LANGUAGES = {"luis": "pt", "supervisora": "en"}
_READY_SECONDS = 120


@dataclass
class Stage:
    """Everything that runs. `webs` are the addresses of the web processes, the carrier knows only the first."""

    folder: Path
    servers: Servers
    settings: Settings
    supervisor: Supervisor
    children: dict[str, Child] = field(default_factory=dict)
    webs: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def simulator(self) -> str:
        """The simulator's address."""
        return f"http://127.0.0.1:{self.settings.simulator_port}"

    @property
    def database(self) -> str:
        """The superuser's URL of the product's database."""
        return f"{self.servers.admin_url.rpartition('/')[0]}/trato"

    def password(self, who: str) -> str:
        """Somebody's password."""
        return password_of(self.settings, f"{who}@trato.example")

    def kill(self, name: str) -> int | None:
        """Kill a program (-9); it is started again by itself. Returns its old process id."""
        return self._signal(name, signal.SIGKILL)

    def stop(self, name: str) -> int | None:
        """Stop a program where it stands (SIGSTOP)."""
        return self._signal(name, signal.SIGSTOP)

    def go_on(self, pid: int) -> None:
        """Let a stopped process go on, if it still is there."""
        if any(child.pid == pid for child in self.children.values()):
            os.kill(pid, signal.SIGCONT)

    async def until_ready(self) -> None:
        """Wait until every program answers again."""
        for child in list(self.children.values()):
            await child.until_ready(_READY_SECONDS, endings=10_000)

    async def close(self) -> None:
        """Stop everything."""
        for child in self.children.values():
            if child.pid is not None:
                os.kill(child.pid, signal.SIGCONT)
        await self.supervisor.stop()
        await asyncio.to_thread(self.servers.stop)

    def _signal(self, name: str, what: signal.Signals) -> int | None:
        pid = self.children[name].pid
        if pid is not None:
            os.kill(pid, what)
        return pid


async def start(folder: Path, *, webs: int, workers: int, hurry: bool, mutants: Sequence[str], seed: int) -> Stage:
    """Start everything and wait until it is ready."""
    servers = await asyncio.to_thread(start_servers, folder)
    settings = read_settings(servers.env)
    stage = Stage(folder, servers, settings, Supervisor(lambda _line: None))
    try:
        await asyncio.to_thread(migrate, settings.migrator_database_url)
        product = await open_product(settings)
        await _make_people(product, stage)
        await product.close()
        await _start_programs(stage, webs, workers, hurry=hurry, mutants=mutants, seed=seed)
        await _make_creditor(stage)
    except BaseException:
        await stage.close()
        raise
    return stage


async def _start_programs(stage: Stage, webs: int, workers: int, *, hurry: bool, mutants: Sequence[str], seed: int) -> None:
    program = (sys.executable, "-m", "tests.chaos.program", *(["--hurry"] if hurry else []), "--mutants", ",".join(mutants))
    simulator = {"SIMULATOR_SEED": str(seed), "SIMULATOR_TRICKLE": "0", "SIMULATOR_SENT_AFTER": "0.05", "SIMULATOR_DELIVERED_AFTER": "0.2"}
    await _keep(stage, "simulator", (sys.executable, "-m", "simulator"), f"{stage.simulator}/_simulator/health", simulator)
    for number in range(workers):
        await _keep(stage, f"worker{number}", (*program, "worker"))
    for number in range(webs):
        port = stage.settings.port if number == 0 else free_port()
        stage.webs.append(f"http://127.0.0.1:{port}")
        await _keep(
            stage,
            f"web{number}",
            (*program, "web"),
            f"{stage.webs[-1]}/health",
            {"PORT": str(port), "PUBLIC_URL": stage.settings.public_url},
        )
    await stage.until_ready()


async def _keep(stage: Stage, name: str, command: tuple[str, ...], health: str = "", more: dict[str, str] | None = None) -> None:
    env = {**os.environ, **stage.servers.env, "PYTHONUNBUFFERED": "1", **(more or {})}
    spec = ChildSpec(
        name=name,
        command=command,
        log=stage.folder / "log" / f"{name}.log",
        env=env,
        cwd=ROOT,
        ready=(lambda: answers(health)) if health else None,
    )
    stage.children[name] = await stage.supervisor.keep(spec)


async def _make_people(product: Product, stage: Stage) -> None:
    async with product.work() as tx:
        await tx.new_person_key(tx.org)
        team = []
        for person in (*PEOPLE, *DEMO_PEOPLE):
            who = person.email.partition("@")[0]
            language = _LANGUAGES.get(who, "es")
            agent = await record_agent(
                tx, email=person.email, name=person.name, role=person.role, password=stage.password(who), language=language
            )
            stage.tokens[who] = await new_token(tx, agent)
            team += [agent] if person.role in (Role.AGENT, Role.SUPERVISOR) else []
        await record_team(tx, "Equipo Andes", team)


async def _make_creditor(stage: Stage) -> None:
    card = {"name": CREDITOR, "type": "bank", "first_party": True, "country": "CO", "team": "Equipo Andes"}
    async with client(stage.webs[0], 60, headers=bearer(stage.tokens["admin"])) as api:
        (await api.post("/api/v1/creditors", json=card)).raise_for_status()


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {token}"}
