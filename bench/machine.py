"""What the machine did meanwhile: processor time of ours and of others, time stolen by the host, and pressure."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
# Interrupts belong to nobody in /proc, so they are left out of both sides of the comparison.
_USER, _NICE, _SYSTEM, _STEAL = 0, 1, 2, 7


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters at one moment, in seconds: `busy` and `stolen` of all processors, `own` of our process tree, `waited` by pressure."""

    at: float
    busy: float
    stolen: float
    own: float
    waited: float


@dataclass(frozen=True, slots=True)
class Weather:
    """What happened between two readings, each as a share of one processor; `pressure` is the share of time in which somebody waited."""

    others: float
    stolen: float
    pressure: float

    def spoils(self, most: float) -> bool:
        """Whether others took so much that a measurement says nothing."""
        return max(self.others, self.stolen) > most


def read() -> Reading:
    """The counters now. The own tree is this process with everything below it."""
    first = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    seconds = [int(field) / _TICKS for field in first]
    return Reading(time.monotonic(), seconds[_USER] + seconds[_NICE] + seconds[_SYSTEM], seconds[_STEAL], _own(), _waited())


def between(before: Reading, after: Reading) -> Weather:
    """The weather from one reading to the next."""
    elapsed = after.at - before.at
    others = (after.busy - before.busy) - (after.own - before.own)
    return Weather(max(0.0, others) / elapsed, (after.stolen - before.stolen) / elapsed, (after.waited - before.waited) / elapsed)


def cpu_seconds(*pids: int) -> float:
    """Processor seconds that these processes and everything below them used."""
    found = 0.0
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            found += sum(_used(one) for one in [process, *process.children(recursive=True)])
    return found


def _own() -> float:
    return cpu_seconds(os.getpid())


def _used(process: psutil.Process) -> float:
    # What an ended child had used is in its parent's times: without it, a child that ends would look like somebody else's work.
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _waited() -> float:
    try:
        some = Path("/proc/pressure/cpu").read_text().split("\n", 1)[0]
    except OSError:
        return 0.0
    return int(some.rpartition("total=")[2]) / 1_000_000
