"""One run: start everything, load and faults at once, quiet, and then the checker."""

from __future__ import annotations

import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from tests.chaos import report
from tests.chaos.checker import Evidence, Violation, check
from tests.chaos.evidence import gather
from tests.chaos.faults import Faults
from tests.chaos.history import History
from tests.chaos.load import Load
from tests.chaos.people import Person, sign_in
from tests.chaos.program import HURRIED_LET_COME
from tests.chaos.quiet import CONVERGED_AFTER, until_quiet
from tests.chaos.screens import Screen, compare_with_fresh
from tests.chaos.stage import Stage, start

_LET_COME = 20.0
_LOOK_EVERY = 0.3
_PEOPLE = ("ana", "luis", "supervisora", "admin", "revisora")
_HURRY_BELOW = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is like. Runs below a minute hurry: shorter leases, and a reconciler that comes sooner."""

    seconds: float = 60.0
    seed: int = 1
    mutants: Sequence[str] = ()
    calm: bool = False
    keep: bool = False
    screens: int = 12
    # What is waited for at most (seconds): a short run beside other tests may have a busy machine, and tells nothing of speed.
    patience: float = 150.0
    converged_after: float = CONVERGED_AFTER

    @property
    def hurry(self) -> bool:
        """Whether the product's waits are shortened."""
        return self.seconds < _HURRY_BELOW


@dataclass
class Outcome:
    """What came of a run."""

    violations: list[Violation]
    evidence: Evidence
    numbers: dict[str, float] = field(default_factory=dict)

    @property
    def rules(self) -> set[str]:
        """The names of the invariants that were broken."""
        return {violation.rule for violation in self.violations}


def say(line: str) -> None:
    """Tell what is being done."""
    print(f"chaos: {line}", flush=True)


async def run(options: Options) -> Outcome:
    """Run once in a folder that is thrown away, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="trato-chaos-"))
    began = time.monotonic()
    try:
        stage = await start(
            folder,
            webs=1 if options.hurry else 2,
            workers=2,
            hurry=options.hurry,
            mutants=options.mutants,
            seed=options.seed,
        )
        say(f"everything runs ({time.monotonic() - began:.1f} s)")
        try:
            outcome = await _run_on(stage, options)
        finally:
            await stage.close()
        outcome.numbers["seconds in all"] = round(time.monotonic() - began, 1)
        return outcome
    finally:
        if options.keep:
            say(f"everything is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


async def _run_on(stage: Stage, options: Options) -> Outcome:
    began = time.monotonic()
    history = History(stage.folder / "history.jsonl")
    chance = random.Random(options.seed)
    load = Load(stage, history, random.Random(chance.getrandbits(64)))
    faults = Faults(stage, history, random.Random(chance.getrandbits(64)), options.hurry)
    people, _, _ = await asyncio.gather(
        asyncio.gather(*(sign_in(stage, who, stage.webs[number % len(stage.webs)]) for number, who in enumerate(_PEOPLE))),
        load.make_clients(known=12, strangers=3, leaving=3 if options.hurry else 5),
        faults.set_scenarios(),
    )
    load.people = [person for person in people if person.who != "revisora"]
    screens = _screens(stage, history, load, people, options, chance)
    numbers: dict[str, float] = {}
    async with _watching(stage, history, screens):
        say(
            f"load and faults for {options.seconds:.0f} s, seed {options.seed}"
            + (f", mutants {', '.join(options.mutants)}" if options.mutants else "")
        )
        await _load_and_faults(load, faults, options)
        for screen in screens:
            screen.unkind = False
        say(f"waiting for quiet ({_since(began)})")
        let_come = HURRIED_LET_COME if options.hurry else _LET_COME
        quiet = await until_quiet(
            stage.database, stage.simulator, let_come=let_come, patience=options.patience, converged_after=options.converged_after
        )
        say(f"looking at what came of it ({_since(began)})")
        ledger, _ = await asyncio.gather(_verify_ledger(stage), compare_with_fresh(screens))
    for person in people:
        await person.http.aclose()
    history.close()
    evidence = await gather(history.path, stage.folder / "log", stage.simulator, stage.database, ledger=ledger)
    violations = check(evidence)
    if quiet.restless:
        violations.insert(0, Violation("quiet", f"no quiet within {quiet.seconds:.0f} s: {quiet.restless}"))
    lag = max((region.applied for screen in screens for region in screen.regions.values()), default=0.0) - quiet.changed
    numbers["seconds until the last screen followed"] = round(max(0.0, lag), 1)
    if lag > options.converged_after:
        violations.append(Violation("I4-slow", f"a screen changed {lag:.1f} s after the last change"))
    for screen in screens:
        for what, number in screen.counts.items():
            numbers[f"screens: {what}"] = numbers.get(f"screens: {what}", 0) + number
    numbers["seconds until quiet"] = round(quiet.seconds, 1)
    return Outcome(violations, evidence, report.counts(evidence) | dict(sorted(numbers.items())))


def _since(began: float) -> str:
    return f"{time.monotonic() - began:.1f} s"


async def _load_and_faults(load: Load, faults: Faults, options: Options) -> None:
    per_second = 5 if options.hurry else 4
    times = int(options.seconds * per_second)
    works = [load.run(options.seconds, inbound=times, outbound=times, presses=times // 4)]
    if not options.calm:
        works.append(faults.run(options.seconds))
    async with asyncio.TaskGroup() as group:
        for work in works:
            group.create_task(work)


def _screens(stage: Stage, history: History, load: Load, people: Sequence[Person], options: Options, chance: random.Random) -> list[Screen]:
    screens = []
    for number in range(options.screens):
        web = number % len(stage.webs)
        person = people[number % len(people)]
        lists = ("queue:team", "queue:mine") if number % 3 else ("queue:triage", "queue:unassigned")
        shown = chance.sample(load.clients, 4)
        screens.append(
            Screen(
                name=f"screen {number} of {person.who}",
                person=person,
                live=f"{stage.webs[web].replace('http', 'ws', 1)}/live",
                origin=stage.settings.origin,
                topics=[*lists, *(f"conversation:{client.conversation}" for client in shown)],
                history=history,
                chance=random.Random(chance.getrandbits(64)),
            )
        )
    return screens


@contextlib.asynccontextmanager
async def _watching(stage: Stage, history: History, screens: Sequence[Screen]) -> AsyncIterator[None]:
    """Screens stay open, and somebody looks at the states in the database all the time."""
    tasks = [asyncio.create_task(screen.watch()) for screen in screens]
    tasks.append(asyncio.create_task(_look_at_states(stage, history)))
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _look_at_states(stage: Stage, history: History) -> None:
    while True:
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(stage.database, timeout=2)
            try:
                while True:
                    rows = await connection.fetch("select id, rank from message where direction = 'out'", timeout=2)
                    history.note("states", ranks={str(row["id"]): row["rank"] for row in rows})
                    await asyncio.sleep(_LOOK_EVERY)
            finally:
                connection.terminate()
        await asyncio.sleep(_LOOK_EVERY)


async def _verify_ledger(stage: Stage) -> tuple[int, str]:
    """What the product's own verification says of its ledger."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "console.cli",
        "ledger",
        "verify",
        env={**stage.children["web0"].spec.env},
        cwd=stage.children["web0"].spec.cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    return program.returncode or 0, said.decode(errors="replace").strip()[-500:]
