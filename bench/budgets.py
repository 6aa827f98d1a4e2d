"""What the desk may take, in milliseconds and kilobytes, and how what it took is told: beside the budget, and as a ratio to the floor of the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench.figures import percentile
from bench.machine import Weather
from bench.pairs import MOST_DISTURBANCE


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that three quarters of all, and nineteen of twenty, may take; None where nothing was promised."""

    p75: float
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured again and again, in milliseconds; `floor` is empty where there is nothing to compare it with."""

    name: str
    ours: Sequence[float]
    floor: Sequence[float]
    weather: Weather


_SWITCH: Final = Budget(120, 250)
_FEEDBACK: Final = Budget(50)
BUDGETS: Final = {
    "queue: first byte": Budget(120, 250),
    "queue: first paint": Budget(400, 800),
    "queue: rows painted": Budget(400, 800),
    "queue: largest paint": Budget(1000),
    "queue: layout shift x 1000": Budget(100),
    "weight in kB: HTML": Budget(30),
    "weight in kB: JavaScript": Budget(40),
    "weight in kB: CSS": Budget(16),
    "weight in kB: fonts": Budget(60),
    "requests of a first page": Budget(8),
    "switch by key: painted": _SWITCH,
    "switch by mouse: painted": _SWITCH,
    "switch by key: it answers": _FEEDBACK,
    "switch by mouse: it answers": _FEEDBACK,
    "switch at a quarter speed: the swap": _SWITCH,
    "switch to 5,000 lines: painted": _SWITCH,
    "key: next row": _FEEDBACK,
    "interaction to next paint": Budget(100, 200),
    "palette: open": _FEEDBACK,
    "palette: results": Budget(150),
    "send: it answers": _FEEDBACK,
    "send: confirmed bubble": Budget(400),
    "webhook: acknowledged": Budget(100),
    "webhook: accepted, to the owner's bubble": Budget(300, 800),
    "webhook: accepted, to a colleague's row": Budget(300, 800),
    "reconnect: caught up after 200 changes": Budget(1500, 5000),
}
_POINTS: Final = (50, 75, 95)


def report(figure: Figure) -> dict[str, Any]:
    """Everything about one figure, ready for JSON."""
    ours = {f"p{point}": round(percentile(figure.ours, point), 1) for point in _POINTS}
    said: dict[str, Any] = {"figure": figure.name, "times": len(figure.ours), "ours": ours}
    if figure.floor:
        floor = {f"p{point}": round(percentile(figure.floor, point), 1) for point in _POINTS}
        said |= {"floor": floor, "ratio": round(ours["p50"] / floor["p50"], 2) if floor["p50"] > 0 else None}
    budget = BUDGETS.get(figure.name)
    if budget is not None:
        said |= {"budget": {"p75": budget.p75, "p95": budget.p95}, "met": _met(budget, ours)}
    weather = {"others": round(figure.weather.others, 3), "stolen": round(figure.weather.stolen, 3)}
    return said | {"weather": weather, "outcome": "disturbed" if figure.weather.spoils(MOST_DISTURBANCE) else "measured"}


def _met(budget: Budget, ours: dict[str, float]) -> bool:
    return ours["p75"] <= budget.p75 and (budget.p95 is None or ours["p95"] <= budget.p95)


def missed(reports: Sequence[dict[str, Any]]) -> list[str]:
    """The figures that did not meet their budget while nothing disturbed them."""
    return [said["figure"] for said in reports if said["outcome"] == "measured" and not said.get("met", True)]


def table(reports: Sequence[dict[str, Any]]) -> str:
    """The same for people: one line per figure."""
    lines = [
        "",
        "desk: what an agent waits for, in milliseconds unless it says otherwise, beside the same bytes put on the screen by a plain page",
    ]
    lines.append(f"  {'':<42}{'p50':>7}{'p75':>7}{'p95':>7}{'floor':>8}{'ratio':>7}   budget p75 / p95")
    lines += [_line(said) for said in reports]
    if any(said["outcome"] == "disturbed" for said in reports):
        lines.append("  * others used so much of the machine meanwhile that the times say little: run it again on a quiet one")
    return "\n".join(lines)


def _line(said: dict[str, Any]) -> str:
    ours, floor = said["ours"], said.get("floor")
    least = f"{floor['p50']:>8.1f}{said['ratio'] or 0:>7.2f}" if floor else f"{'-':>8}{'-':>7}"
    star = "*" if said["outcome"] == "disturbed" else " "
    told = f"{star} {said['figure']:<42}{ours['p50']:>7.1f}{ours['p75']:>7.1f}{ours['p95']:>7.1f}{least}   "
    budget = said.get("budget")
    if budget is None:
        return told + "-"
    most = f"{budget['p75']:g}" + (f" / {budget['p95']:g}" if budget["p95"] else "")
    return told + f"{most:<12}{'met' if said['met'] else 'not met'}"
