"""Pairs of turns, ours and the floor's, one right after the other; a pair that the machine's other work disturbed is run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import machine
from bench.client import Result
from bench.figures import percentile
from bench.machine import Weather
from bench.places import FLOOR, OURS, Place

MOST_DISTURBANCE = 0.15
RERUNS = 3


@dataclass(frozen=True, slots=True)
class Load:
    """What a workload asks of both sides. `screens`: latencies are those of the last screen instead of those of the answer."""

    name: str
    title: str
    requests: float
    sockets: int = 0

    @property
    def screens(self) -> bool:
        """Whether agents are watching."""
        return self.sockets > 0


@dataclass(frozen=True, slots=True)
class Measured:
    """One turn of one side: milliseconds, and processor milliseconds per request of its server and of PostgreSQL."""

    p50: float
    p99: float
    cpu: float
    database_cpu: float
    result: Result


@dataclass(frozen=True, slots=True)
class Pair:
    """Two turns and the weather over both."""

    ours: Measured
    floor: Measured
    weather: Weather

    @property
    def spoilt(self) -> bool:
        """Whether others took so much of the machine that its times say nothing."""
        return self.weather.spoils(MOST_DISTURBANCE)


@dataclass
class Run:
    """All pairs of one workload. Times come from the undisturbed ones; processor time hardly depends on what others do, so it comes from all."""

    wanted: int
    pairs: list[Pair]

    @property
    def clean(self) -> list[Pair]:
        """The pairs that nobody disturbed."""
        return [pair for pair in self.pairs if not pair.spoilt]

    @property
    def noisy(self) -> bool:
        """Whether the machine had so much else to do that a pair could not be measured in four tries."""
        return len(self.clean) < self.wanted


async def run_pairs(place: Place, load: Load, number: int, seconds: float, say: Callable[[str], None]) -> Run:
    """Pairs, alternating who begins, until so many were undisturbed or one of them failed four times."""
    run = Run(number, [])
    for index in range(number):
        for attempt in range(1 + RERUNS):
            pair = await _pair(place, load, seconds, ours_first=(index + attempt) % 2 == 0)
            run.pairs.append(pair)
            say(_line(load, index + 1, number, pair))
            if not pair.spoilt:
                break
        else:
            break
    return run


async def _pair(place: Place, load: Load, seconds: float, *, ours_first: bool) -> Pair:
    before = machine.read()
    first = await _measure(place, load, OURS if ours_first else FLOOR, seconds)
    second = await _measure(place, load, FLOOR if ours_first else OURS, seconds)
    weather = machine.between(before, machine.read())
    return Pair(first, second, weather) if ours_first else Pair(second, first, weather)


async def _measure(place: Place, load: Load, side: str, seconds: float) -> Measured:
    pids = place.pids()
    server, database = machine.cpu_seconds(pids[side]), machine.cpu_seconds(pids["postgres"])
    result = await place.turn(side, load.requests, seconds)
    server, database = machine.cpu_seconds(pids[side]) - server, machine.cpu_seconds(pids["postgres"]) - database
    times, asked = result.screens if load.screens else result.answers, round(load.requests * seconds)
    if not times:
        raise RuntimeError(
            f"{side} answered none of {asked} requests of {load.name} ({result.errors} errors, {result.missing} tellings missing)"
        )
    return Measured(percentile(times, 50), percentile(times, 99), server / asked * 1000, database / asked * 1000, result)


def _line(load: Load, index: int, number: int, pair: Pair) -> str:
    ours, floor, weather = pair.ours, pair.floor, pair.weather
    told = f"{load.name} pair {index}/{number}: p50 {ours.p50:.1f} / {floor.p50:.1f} ms, p99 {ours.p99:.1f} / {floor.p99:.1f} ms"
    told += f", cpu {ours.cpu:.2f} / {floor.cpu:.2f} ms, others {weather.others:.0%}, stolen {weather.stolen:.0%}, pressure {weather.pressure:.0%}"
    return told + (" - disturbed, again" if pair.spoilt else "")
