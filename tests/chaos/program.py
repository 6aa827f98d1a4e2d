"""Runs one of the product's programs as its command line does, with shorter waits for a short run, and with mutants if they are named.

``python -m tests.chaos.program [--hurry] [--mutants A,B] web``
"""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import Any

from tests.chaos.mutants import MUTANTS

# Seconds in a short run. A long run uses the product's own.
HURRIED_LET_COME = 3.0
HURRIED_LEASE = 6


def main() -> int:
    """Patch, then run; the exit code is the program's."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hurry", action="store_true")
    parser.add_argument("--mutants", default="")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    if arguments.hurry:
        shorten_waits()
    for name in filter(None, arguments.mutants.split(",")):
        MUTANTS[name]()
    from console.cli import main as run

    return run(arguments.command)


def shorten_waits() -> None:
    """A lease ends and the reconciler comes sooner, so that a run of seconds sees both."""
    from inbox import delivery, reconciling, worker

    _set(delivery, "LEASE_SECONDS", HURRIED_LEASE)
    _set(delivery, "_BEGIN_CALL_WITHIN", 2.0)
    _set(worker, "SIMULATED_RECONCILE_SECONDS", 1.0)
    reconciling.reconcile.__kwdefaults__ = {"let_come": timedelta(seconds=HURRIED_LET_COME)}


def _set(module: Any, name: str, value: Any) -> None:
    assert hasattr(module, name), f"{module.__name__} has no {name} any more"
    setattr(module, name, value)


if __name__ == "__main__":
    sys.exit(main())
