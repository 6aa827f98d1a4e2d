"""Fixtures: one PostgreSQL, one Redis, one web program, one simulator and one browser per run; clean tables and people per test."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from base.log import set_up_logging
from base.settings import Settings, read_settings
from console.app import create_app
from console.migrating import migrate
from inbox.product import open_product
from simulator.app import create_app as create_simulator
from simulator.config import Config
from simulator.server import DroppableProtocol
from tests.running import FAR, Running, make_people, serving, working
from tests.servers import Servers, start_servers

set_up_logging("text")
# How long a page is waited for is no promise about speed (those are in bench/): a busy machine must not fail a test.
expect.set_options(timeout=20_000)

KEPT_TABLES = ("organisation", "alembic_version")
# Files of few long tests, the longest first: two processes that take file after file are done at the same time.
LONGEST = ("test_shift.py", "test_plans.py", "test_first_run.py", "test_accessibility.py", "test_desk.py", "test_states.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others as they were."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A real PostgreSQL and a real Redis."""
    started = start_servers(tmp_path_factory.mktemp("servers"))
    yield started
    started.stop()


@pytest.fixture(scope="session")
def settings(servers: Servers) -> Settings:
    """Settings as the launcher would give them, on a migrated database."""
    found = read_settings(servers.env)
    migrate(found.migrator_database_url)
    return found


@pytest.fixture(scope="session")
async def simulator_config(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A carrier in a hurry, so that tests need not wait for receipts."""
    return Config(
        folder=tmp_path_factory.mktemp("simulator"),
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        port=settings.simulator_port,
        public_url=settings.public_url,
        sent_after=0.02,
        delivered_after=0.05,
        read_after=0.1,
        approved_after=0.2,
    )


@pytest.fixture(scope="session")
async def served(settings: Settings, simulator_config: Config) -> AsyncIterator[Running]:
    """The web program and the simulator, for the whole run."""
    app = create_app(settings)
    async with serving(app, settings.port), serving(create_simulator(simulator_config), settings.simulator_port, DroppableProtocol):
        yield Running(settings, app, f"http://127.0.0.1:{settings.simulator_port}")


@pytest.fixture(scope="session")
async def tables(servers: Servers, settings: Settings) -> AsyncIterator[asyncpg.Pool]:
    """The owner's way to the tables: one connection, opened again where a test restarted the server."""
    async with asyncpg.create_pool(servers.env["MIGRATOR_DATABASE_URL"], min_size=1, max_size=1) as pool:
        yield pool


@pytest.fixture
async def running(served: Running, tables: asyncpg.Pool) -> Running:
    """The product with empty tables and the demo's people; no worker. Use `worker` beside it for deliveries."""
    return await _anew(served, tables)


@pytest.fixture
async def moved(running: Running) -> AsyncIterator[None]:
    """The product's clock stands at `FAR` during the test."""
    async with running.api() as api:
        answer = await api.post("/api/v1/clock", json={"now": FAR.isoformat()})
        assert answer.status_code == 200, answer.text
        yield
        assert (await api.post("/api/v1/clock", json={"now": None})).status_code == 200


@pytest.fixture
async def worker(running: Running) -> AsyncIterator[None]:
    """A running worker."""
    product = await open_product(running.settings)
    async with working(product):
        yield
    await product.close()


@pytest.fixture(scope="module")
async def house(served: Running, tables: asyncpg.Pool) -> Running:
    """As `running`, emptied once for a whole file, whose tests keep apart by clients and people of their own."""
    return await _anew(served, tables)


@pytest.fixture(scope="module")
async def house_worker(house: Running) -> AsyncIterator[None]:
    """A worker beside `house`."""
    product = await open_product(house.settings)
    async with working(product):
        yield
    await product.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with async_playwright() as playwright:
        program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
        assert Path(program).exists(), f"{program} does not exist: `make test` installs a browser"
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        browser = await playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser, running: Running) -> AsyncIterator[BrowserContext]:
    """A browser of one person: its own cookies, 1440 wide. No script of its pages may break."""
    context = await browser.new_context(base_url=running.url, viewport={"width": 1440, "height": 900}, locale="es-CO")
    broken: list[str] = []
    context.on("weberror", lambda error: broken.append(error.error.stack or str(error.error)))
    yield context
    await context.close()
    assert not broken, "a script of the page broke: " + "\n".join(broken)


async def _anew(served: Running, tables: asyncpg.Pool) -> Running:
    await empty(tables)
    async with served.simulator() as simulator:
        await simulator.delete("/_simulator/scenarios")
    # Its heartbeat went with the tables: until the next one it would not be waited for when the clock is moved.
    await served.app.state.heart.beat()
    await make_people(served)
    return served


async def empty(tables: asyncpg.Pool) -> None:
    """Empty every table but the organisation's own; retried, because a heartbeat may hold a row for a moment."""
    async with tables.acquire() as connection:
        names = [row["tablename"] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")]
        for left in reversed(range(5)):
            try:
                await _truncate(connection, sorted(set(names) - set(KEPT_TABLES)))
                return
            except asyncpg.DeadlockDetectedError:
                if not left:
                    raise
                await asyncio.sleep(0.05)


async def _truncate(connection: Any, names: list[str]) -> None:
    # An empty table costs as much to truncate as a full one, and most are empty. One may hold what an answer to the test before, on its way out,
    # has not committed yet: the truncation of the others waits for that, and then it is seen.
    used = " union all ".join(f"select '{name}' as name where exists (select from {name})" for name in names)
    while rows := await connection.fetch(used):
        await connection.execute("truncate " + ", ".join(row["name"] for row in rows) + " cascade")
