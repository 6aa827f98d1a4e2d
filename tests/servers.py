"""Real PostgreSQL and Redis for tests, from the launcher's own code, in a folder that is thrown away."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from base.embedded.children import Child, Supervisor
from base.embedded.ports import free_port
from base.embedded.servers import LocalServers

__all__ = ["Servers", "free_port", "start_servers"]

T = TypeVar("T")
_SHUTDOWN = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass
class Servers:
    """The running servers. Every method blocks until it is done and may be called from any thread."""

    env: dict[str, str] = field(repr=False)
    admin_url: str = field(repr=False)
    _local: LocalServers
    _supervisor: Supervisor
    _loop: asyncio.AbstractEventLoop
    _thread: threading.Thread

    def stop(self) -> None:
        """Stop both and everything that was started for them."""
        self._run(self._supervisor.stop())
        self._local.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def kill_redis(self) -> None:
        """Kill Redis (-9); it stays away until `start_redis`."""
        self._run(self._end(self._redis, signal.SIGKILL))

    def start_redis(self) -> None:
        """Start Redis again on the same port, with what its append-only file kept."""
        self._run(self._start(self._redis))

    def restart_postgres(self, mode: Literal["smart", "fast", "immediate", "kill"] = "fast") -> None:
        """Stop PostgreSQL in one of its own modes, or kill it (-9), and start it again on the same port."""
        self.stop_postgres(mode)
        self.start_postgres()

    def stop_postgres(self, mode: Literal["smart", "fast", "immediate", "kill"] = "fast") -> None:
        """Stop PostgreSQL; it stays away until `start_postgres`."""
        self._run(self._end(self._postgres, _SHUTDOWN.get(mode, signal.SIGKILL)))

    def start_postgres(self) -> None:
        """Start PostgreSQL again on the same port."""
        self._run(self._start(self._postgres))

    @property
    def _postgres(self) -> Child:
        assert self._local.postgres_child is not None, "these tests were given an outside DATABASE_URL"
        return self._local.postgres_child

    @property
    def _redis(self) -> Child:
        assert self._local.redis_child is not None, "these tests were given an outside REDIS_URL"
        return self._local.redis_child

    async def _end(self, child: Child, how: signal.Signals) -> None:
        await self._supervisor.let_go(child)
        if child.pid is not None:
            os.kill(child.pid, how)
        await child.wait()

    async def _start(self, child: Child) -> None:
        # After a kill -9 the old backends may hold the data for a moment; the supervisor tries until they are gone.
        await self._supervisor.keep_again(child)
        await child.until_ready(60, endings=child.endings + 20)

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=90)


def start_servers(folder: Path) -> Servers:
    """Start both in `folder`. ``PG_BIN`` and ``REDIS_BIN`` choose other programs; `env` is complete for `base.settings.read_settings`."""
    loop = asyncio.new_event_loop()
    # A thread of their own: the kernel stops children when the thread that started them ends, and tests' loops come and go.
    thread = threading.Thread(target=loop.run_forever, name="servers", daemon=True)
    thread.start()
    programs = {name: os.environ[name] for name in ("PG_BIN", "REDIS_BIN") if os.environ.get(name)}
    local = LocalServers(folder, programs, durable=False)
    supervisor = Supervisor(lambda line: None)
    asyncio.run_coroutine_threadsafe(local.start(supervisor), loop).result(timeout=90)
    assert local.postgres is not None
    env = {**local.secrets, **local.urls, "TRATO_VAR": str(folder), "CARRIER": "simulator", "DEMO": "0"}
    env |= {"PORT": str(free_port()), "SIMULATOR_PORT": str(free_port())}
    return Servers(env, local.postgres.admin_url, local, supervisor, loop, thread)
