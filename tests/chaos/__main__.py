"""``make chaos``: one run; exit 0 when every invariant held, 1 with the history of what broke, 2 for wrong words on the command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys

from tests.chaos import report
from tests.chaos.mutants import MUTANTS
from tests.chaos.run import Options, Outcome, run


def main() -> int:
    """Run, tell, and say by the exit code how it went."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long load and faults last (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed asks for the same load and faults (default %(default)s)")
    parser.add_argument("--mutant", default="", help=f"known mistakes to put in, comma-separated: {', '.join(MUTANTS)}")
    parser.add_argument("--calm", action="store_true", help="load and a misbehaving carrier only; nothing is killed")
    parser.add_argument("--keep", action="store_true", help="keep the folder with data, logs and history")
    arguments = parser.parse_args()
    mutants = [name for name in arguments.mutant.split(",") if name]
    if unknown := set(mutants) - set(MUTANTS):
        parser.error(f"there is no mutant {', '.join(sorted(unknown))}")
    options = Options(arguments.seconds, arguments.seed, mutants, arguments.calm, arguments.keep)
    try:
        outcome = asyncio.run(_until_signalled(options))
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("chaos: stopped", flush=True)
        return 130
    return _tell(outcome)


async def _until_signalled(options: Options) -> Outcome:
    """A signal cancels the run, which then takes everything down in order."""
    task = asyncio.current_task()
    assert task is not None
    for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(ValueError):
            asyncio.get_running_loop().add_signal_handler(wanted, task.cancel)
    return await run(options)


def _tell(outcome: Outcome) -> int:
    print(report.table("counts", outcome.numbers), flush=True)
    if outcome.violations:
        print(f"\n{len(outcome.violations)} violations\n{report.story(outcome.violations, outcome.evidence)}", flush=True)
        return 1
    print("\nevery invariant held", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
