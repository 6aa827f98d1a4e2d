"""`python -m bench`: W1 (webhook to its answer), W2 (webhook to the last agent's screen) and the desk in a browser, beside their floors."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from base.embedded.children import ChildFailed
from base.log import set_up_logging
from bench import budgets
from bench.budgets import Figure
from bench.data import AGENTS
from bench.desk import measure_desk
from bench.pairs import Load, run_pairs
from bench.places import OURS, Place, place
from bench.telling import report, table

LOADS = (
    Load("W1", "webhook to its 2xx after commit, 100 a second, beside one committed insert", 100),
    Load("W2@20", f"webhook to the last of {AGENTS} agents' screens, 20 a second, beside insert, publish and broadcast", 20, AGENTS),
    Load("W2@100", f"webhook to the last of {AGENTS} agents' screens, 100 a second, beside insert, publish and broadcast", 100, AGENTS),
)
DESK = "desk"
_WARM_SECONDS = 2.0
_REPETITIONS, _QUICK_REPETITIONS = 40, 12


def main(argv: Sequence[str] | None = None) -> int:
    """Measure; the exit code: 0 measured (whatever came out), 1 could not be measured, or with ``--strict`` missed a budget undisturbed."""
    arguments = _arguments(argv)
    set_up_logging("text")
    try:
        said, figures = asyncio.run(_measure(arguments))
    except (ChildFailed, RuntimeError, OSError, TimeoutError) as error:
        print(f"bench: {error or type(error).__name__}", file=sys.stderr)
        return 1
    reports = [budgets.report(figure) for figure in figures]
    for load, one in said:
        print(table(load, one))
    if reports:
        print(budgets.table(reports))
    print()
    for one in [*(one for _, one in said), *reports]:
        print(json.dumps(one))
    late = budgets.missed(reports) if arguments.strict else []
    if late:
        print(f"bench: over budget: {', '.join(late)}", file=sys.stderr)
    return 0 if all(one["outcome"] == "measured" for _, one in said) and not late else 1


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="Benchmarks beside their floors, as ratios; no hard limit, goals are printed."
    )
    parser.add_argument(
        "--quick", action="store_true", help="three pairs of two seconds, everything of the desk twelve times: for a first look"
    )
    parser.add_argument("--pairs", type=int, help="undisturbed pairs per workload (default 9)")
    parser.add_argument("--seconds", type=float, help="how long each turn of a pair lasts (default 5)")
    names = [*(load.name for load in LOADS), DESK]
    parser.add_argument("--only", choices=names, action="append", help="only this workload; may be given again")
    parser.add_argument("--times", type=int, help=f"how often everything at the desk is done (default {_REPETITIONS})")
    parser.add_argument("--strict", action="store_true", help="fail where the desk misses a budget though nothing disturbed it")
    arguments = parser.parse_args(argv)
    arguments.pairs = arguments.pairs or (3 if arguments.quick else 9)
    arguments.times = arguments.times or (_QUICK_REPETITIONS if arguments.quick else _REPETITIONS)
    arguments.seconds = arguments.seconds or (2.0 if arguments.quick else 5.0)
    return arguments


async def _measure(arguments: argparse.Namespace) -> tuple[list[tuple[Load, dict[str, Any]]], list[Figure]]:
    said: list[tuple[Load, dict[str, Any]]] = []
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="trato-bench-") as folder:
        print("Starting PostgreSQL (fsync on), Redis, the product and the floor ...", file=sys.stderr)
        async with place(Path(folder)) as here:
            for load in LOADS:
                if arguments.only is None or load.name in arguments.only:
                    said.append((load, await _one(here, load, arguments)))
            if arguments.only is None or DESK in arguments.only:
                await here.open()
                figures = await measure_desk(here, arguments.times, lambda line: print(line, file=sys.stderr))
    return said, figures


async def _one(here: Place, load: Load, arguments: argparse.Namespace) -> dict[str, Any]:
    await here.open(sockets=load.sockets)
    await _warm_up(here, load)
    return report(load, await run_pairs(here, load, arguments.pairs, arguments.seconds, lambda line: print(line, file=sys.stderr)))


async def _warm_up(here: Place, load: Load) -> None:
    """Caches, prepared statements and connections on both sides; then the floor tells as many bytes as ours did."""
    for side in ("floor", OURS):
        warm = await here.turn(side, load.requests, _WARM_SECONDS)
    if load.screens:
        await here.same_size(warm.bytes_each)


if __name__ == "__main__":
    sys.exit(main())
