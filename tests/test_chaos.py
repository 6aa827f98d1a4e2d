"""Chaos in short: every invariant holds while things are killed, and known mistakes are really caught. `make chaos` is the long run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.chaos.mutants import EXPECTED
from tests.chaos.report import story
from tests.chaos.run import Options, run
from tests.chaos.stage import ROOT


@pytest.mark.timeout(600)
async def test_every_invariant_holds_while_things_are_killed() -> None:
    outcome = await run(Options(seconds=8, seed=2, screens=10, converged_after=10))
    assert not outcome.violations, story(outcome.violations, outcome.evidence)
    faults = {line["fault"].rstrip("0123456789") for line in outcome.evidence.lines("fault")}
    assert {"kill -9 web", "kill -9 worker", "kill -9 redis", "FLUSHALL", "restart postgres (immediate)", "SIGCONT worker"} <= faults
    assert outcome.numbers["  accepted, answer never written"] > 0


def test_every_mutant_still_fits_the_product() -> None:
    """A mutant whose place was renamed would only end its program at the start, again and again."""
    put_all = "from tests.chaos.mutants import MUTANTS\nfor put in MUTANTS.values(): put()"
    done = subprocess.run([sys.executable, "-c", put_all], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.timeout(600)
async def test_known_mistakes_are_caught() -> None:
    mutants = ["carrier_event", "retry_timeout", "lossy_hub", "states_back"]
    outcome = await run(Options(seconds=4, seed=1, mutants=mutants, calm=True, screens=8, patience=45))
    assert {EXPECTED[mutant] for mutant in mutants} <= outcome.rules
