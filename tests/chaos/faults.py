"""Faults: what is killed, stopped, emptied and restarted, when; and how the carrier misbehaves. The same for the same seed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import redis.asyncio as redis

from tests.chaos.history import History
from tests.chaos.http import client
from tests.chaos.stage import Stage

# The first rule that fits decides how the carrier answers, and the first of the second kind how an accepted message fares.
SCENARIOS: tuple[dict[str, Any], ...] = (
    # What no run may do without, whatever its luck: messages whose acceptance nobody is told of, and receipts in the wrong order.
    {"kind": "accept_then_drop", "times": 3},
    {"kind": "receipts", "times": 3, "never": True},
    {"kind": "receipts", "times": 3, "reversed": True},
    {"kind": "accept_then_drop", "probability": 0.08},
    {"kind": "accepted_then_500", "probability": 0.08},
    {"kind": "throttled", "probability": 0.08, "retry_after": 1},
    {"kind": "drop", "probability": 0.04},
    {"kind": "no_id", "probability": 0.03},
    {"kind": "server_error", "probability": 0.03},
    {"kind": "refused", "probability": 0.03, "code": 30007},
    {"kind": "slow", "probability": 0.04, "seconds": 1.5},
    {"kind": "receipts", "probability": 0.12, "never": True},
    {"kind": "receipts", "probability": 0.12, "reversed": True},
    {"kind": "receipts", "probability": 0.12, "late": 2.0},
    {"kind": "receipts", "probability": 0.12, "doubled": 4},
    {"kind": "receipts", "probability": 0.12, "before_answer": True},
    {"kind": "receipts", "probability": 0.05, "bad_signature": True},
    {"kind": "fails_with", "probability": 0.06, "code": 30003},
    {"kind": "receipts", "probability": 0.1, "reversed": True, "late": 1.0, "doubled": 2},
)
_STOPPED_SECONDS = {True: 8.0, False: 46.0}


@dataclass
class Faults:
    """The one who breaks things. Each method is one fault and returns when it is over."""

    stage: Stage
    history: History
    chance: random.Random
    hurry: bool
    _webs_killed: int = 0

    async def set_scenarios(self) -> None:
        """Tell the simulator how to misbehave; it forgets when it is killed."""
        async with client(self.stage.simulator) as http:
            for scenario in SCENARIOS:
                (await http.post("/_simulator/scenario", json=scenario)).raise_for_status()

    async def run(self, seconds: float) -> None:
        """Break one thing after the other for `seconds`, each at least once; at the end everything runs again."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        stopped = asyncio.create_task(self._stop_worker())
        plan = self._plan()
        await asyncio.sleep(1.0)
        while plan:
            await plan.pop(0)()
            if not plan and loop.time() < end:
                plan = self._plan()
            await asyncio.sleep(self.chance.uniform(0.3, 1.5) if self.hurry else self.chance.uniform(2.0, 5.0))
        await stopped
        await self.stage.until_ready()

    def _plan(self) -> list[Callable[[], Awaitable[None]]]:
        faults: list[Callable[[], Awaitable[None]]] = [
            self._kill_worker,
            self._kill_web,
            self._flush_redis,
            self._kill_redis,
            self._restart_postgres,
        ]
        if not self.hurry:
            faults += [self._kill_web, self._kill_worker, self._kill_simulator, self._lose_redis_messages]
        self.chance.shuffle(faults)
        return faults

    async def _kill_web(self) -> None:
        # In turns, the one that the carrier knows first.
        name = f"web{self._webs_killed % len(self.stage.webs)}"
        self._webs_killed += 1
        self._note(f"kill -9 {name}")
        self.stage.kill(name)

    async def _kill_worker(self) -> None:
        # The other one may stand still: it is left to that.
        self._note("kill -9 worker0")
        self.stage.kill("worker0")

    async def _kill_simulator(self) -> None:
        self._note("kill -9 simulator")
        simulator = self.stage.children["simulator"]
        endings = simulator.endings
        self.stage.kill("simulator")
        while simulator.endings == endings:  # noqa: ASYNC110 - whoever notices the end is the supervisor
            await asyncio.sleep(0.02)
        await simulator.until_ready(60, endings=endings + 20)
        await self.set_scenarios()

    async def _flush_redis(self) -> None:
        self._note("FLUSHALL")
        client = redis.Redis.from_url(self.stage.settings.redis_url)
        await client.flushall()
        await client.aclose()

    async def _lose_redis_messages(self) -> None:
        """Every connection to Redis is cut: what was published meanwhile is gone."""
        self._note("cut Redis connections")
        client = redis.Redis.from_url(self.stage.settings.redis_url)
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        await client.aclose()

    async def _kill_redis(self) -> None:
        self._note("kill -9 redis")
        await asyncio.to_thread(self.stage.servers.kill_redis)
        await asyncio.sleep(self.chance.uniform(0.5, 1.5 if self.hurry else 5.0))
        await asyncio.to_thread(self.stage.servers.start_redis)
        self._note("start redis")

    async def _restart_postgres(self) -> None:
        self._note("restart postgres (immediate)")
        await asyncio.to_thread(self.stage.servers.restart_postgres, "immediate")
        self._note("postgres answers again")

    async def _stop_worker(self) -> None:
        """A worker stands still for longer than its lease, and then goes on as if nothing had been."""
        await asyncio.sleep(1.0)
        pid = self.stage.stop("worker1")
        self._note("SIGSTOP worker1")
        try:
            await asyncio.sleep(_STOPPED_SECONDS[self.hurry])
        finally:
            if pid is not None:
                self.stage.go_on(pid)
        self._note("SIGCONT worker1")

    def _note(self, fault: str) -> None:
        self.history.note("fault", fault=fault)
