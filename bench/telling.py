"""What a benchmark says in the end: a table for people and one JSON line per workload for programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.figures import interval_of_median, ratios
from bench.pairs import Load, Measured, Pair, Run

Figure = Callable[[Measured], float]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure with the most that its ratio to the floor (or, absolute, its milliseconds) should be."""

    figure: str
    most: float
    absolute: bool = False


TIMES: dict[str, Figure] = {"p50": lambda one: one.p50, "p99": lambda one: one.p99}
WORK: dict[str, Figure] = {"cpu": lambda one: one.cpu, "database cpu": lambda one: one.database_cpu}
GOALS = {
    "W1": (Goal("p50", 4.5), Goal("p50", 25, absolute=True), Goal("p99", 250, absolute=True)),
    "W2": (Goal("p50", 2.0), Goal("p99", 3.0), Goal("p50", 25, absolute=True), Goal("p99", 200, absolute=True)),
}


def report(load: Load, run: Run) -> dict[str, Any]:
    """Everything about one workload, ready for JSON."""
    said: dict[str, Any] = {"workload": load.name, "outcome": "too noisy" if run.noisy else "measured"}
    said |= {
        "requests_per_second": load.requests,
        "sockets": load.sockets,
        "pairs": len(run.clean),
        "disturbed": len(run.pairs) - len(run.clean),
    }
    figures = {name: _figure(run.clean, figure) for name, figure in TIMES.items() if run.clean}
    figures |= {name: _figure(run.pairs, figure) for name, figure in WORK.items()}
    said["figures"] = figures
    said["goals"] = [_goal(goal, figures) for goal in GOALS[load.name.split("@")[0]] if goal.figure in figures]
    for name in ("errors", "missing", "closed"):
        said[name] = {side: sum(getattr(getattr(pair, side).result, name) for pair in run.pairs) for side in ("ours", "floor")}
    said["weather"] = {name: round(max(getattr(pair.weather, name) for pair in run.pairs), 3) for name in ("others", "stolen", "pressure")}
    return said


def _figure(pairs: Sequence[Pair], figure: Figure) -> dict[str, Any]:
    ours, floor = [figure(pair.ours) for pair in pairs], [figure(pair.floor) for pair in pairs]
    told: dict[str, Any] = {"ours": round(median(ours), 3), "floor": round(median(floor), 3)}
    if all(value > 0 for value in floor):
        found = ratios(ours, floor)
        told |= {"ratio": round(median(found), 2), "interval": [round(end, 2) for end in interval_of_median(found)]}
    return told


def _goal(goal: Goal, figures: dict[str, Any]) -> dict[str, Any]:
    """A ratio meets its goal when the upper end of its interval does."""
    found = figures[goal.figure]
    reached = found["ours"] if goal.absolute else found.get("interval", [None, None])[1]
    kind = "ms" if goal.absolute else "ratio"
    return {"figure": goal.figure, "kind": kind, "most": goal.most, "reached": reached, "met": reached is not None and reached <= goal.most}


def table(load: Load, said: dict[str, Any]) -> str:
    """The same for people."""
    lines = [
        "",
        f"{load.name}: {load.title}",
        f"  {said['outcome']}: {said['pairs']} pairs, {said['disturbed']} more were disturbed by others",
    ]
    lines.append(f"  {'':<14}{'ours ms':>9}{'floor ms':>10}{'ratio':>8}   90 % interval")
    for name, found in said["figures"].items():
        ratio = f"{found['ratio']:>8.2f}   {found['interval'][0]:.2f} to {found['interval'][1]:.2f}" if "ratio" in found else f"{'-':>8}"
        lines.append(f"  {name:<14}{found['ours']:>9.2f}{found['floor']:>10.2f}{ratio}")
    for goal in said["goals"]:
        words = f"{goal['figure']} at most {goal['most']:g} {'ms' if goal['kind'] == 'ms' else 'x the floor'}"
        lines.append(f"  goal: {words:<32}{'met' if goal['met'] else 'not met'} ({goal['reached']:g})")
    failed = {name: said[name] for name in ("errors", "missing", "closed") if said[name]["ours"] or said[name]["floor"]}
    lines.append(f"  failures: {failed or 'none'}; weather at its worst: {said['weather']}")
    return "\n".join(lines)
