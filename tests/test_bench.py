"""The benchmark's own arithmetic: percentiles, ratios of pairs, the interval around their median, disturbed pairs, goals, and its socket."""

from __future__ import annotations

import ast
import asyncio
import random
import re
import struct
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import budgets, desk
from bench.budgets import Figure
from bench.client import Result
from bench.figures import interval_of_median, percentile, ratios
from bench.machine import Reading, Weather, between
from bench.pairs import Load, Measured, Pair, Run
from bench.telling import report, table
from bench.wire import Socket

QUIET, STORM = Weather(0.02, 0.0, 0.1), Weather(0.40, 0.0, 0.9)
LOAD = Load("W1", "webhook to its answer", 100)


@pytest.mark.parametrize(("percent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1), (0, 1), (99.5, 100)], ids=str)
def test_a_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    values = [float(value) for value in range(1, 101)]
    random.Random(3).shuffle(values)
    assert percentile(values, percent) == expected


def test_of_nothing_there_is_no_percentile_no_ratio_and_no_interval() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)
    with pytest.raises(ValueError, match="nothing"):
        ratios([1.0], [0.0])
    with pytest.raises(ValueError, match="nothing"):
        interval_of_median([])


def test_ratios_are_taken_pair_by_pair() -> None:
    assert ratios([4.0, 9.0], [2.0, 3.0]) == [2.0, 3.0]


def test_the_interval_holds_the_median_is_narrow_where_pairs_agree_and_is_the_same_every_time() -> None:
    steady, wild = [3.0, 3.1, 2.9, 3.0, 3.05, 2.95, 3.0, 3.1, 2.9], [1.0, 9.0, 3.0, 2.0, 8.0, 3.0, 1.5, 7.0, 4.0]
    for values in (steady, wild):
        low, high = interval_of_median(values)
        assert low <= sorted(values)[4] <= high
        assert interval_of_median(values) == (low, high)
    (steady_low, steady_high), (wild_low, wild_high) = interval_of_median(steady), interval_of_median(wild)
    assert steady_high - steady_low < 0.3 < wild_high - wild_low


def test_the_interval_covers_the_true_median_about_as_often_as_it_says() -> None:
    draw = random.Random(5)
    hits = 0
    for _ in range(60):
        low, high = interval_of_median([draw.lognormvariate(1.0, 0.4) for _ in range(15)])
        hits += low <= 2.718 <= high
    assert 46 <= hits <= 60


def test_the_weather_tells_what_others_used() -> None:
    before = Reading(at=100.0, busy=1000.0, stolen=5.0, own=300.0, waited=1.0)
    after = Reading(at=110.0, busy=1012.0, stolen=5.5, own=309.0, waited=3.0)
    weather = between(before, after)
    assert (round(weather.others, 3), round(weather.stolen, 3), round(weather.pressure, 3)) == (0.3, 0.05, 0.2)
    assert weather.spoils(0.15)
    assert not QUIET.spoils(0.15)


def measured(p50: float, cpu: float) -> Measured:
    return Measured(p50, p50 * 3, cpu, cpu / 2, Result([p50], [], 0, 0, 0, 0.0))


def pair(ours: float, weather: Weather = QUIET) -> Pair:
    return Pair(measured(ours, 4.0), measured(1.0, 0.5), weather)


def test_a_goal_is_met_only_where_the_whole_interval_meets_it() -> None:
    said = report(LOAD, Run(9, [pair(ours) for ours in (4.0, 4.1, 4.2, 3.9, 4.0, 4.1, 4.0, 3.9, 4.2)]))
    assert (said["outcome"], said["pairs"], said["figures"]["p50"]["ratio"]) == ("measured", 9, 4.0)
    assert [goal["met"] for goal in said["goals"]] == [True, True, True]
    spread = report(LOAD, Run(9, [pair(ours) for ours in (1.0, 8.0, 4.0, 4.4, 9.0, 2.0, 4.0, 8.0, 4.0)]))
    assert spread["figures"]["p50"]["ratio"] <= 4.5
    assert not spread["goals"][0]["met"]


def test_disturbed_pairs_give_no_times_and_too_few_others_are_no_pass() -> None:
    run = Run(3, [pair(4.0), pair(90.0, STORM), pair(80.0, STORM), pair(70.0, STORM), pair(60.0, STORM)])
    said = report(LOAD, run)
    assert (said["outcome"], said["pairs"], said["disturbed"], said["figures"]["p50"]["ours"]) == ("too noisy", 1, 4, 4.0)
    assert said["figures"]["cpu"]["ratio"] == 8.0
    assert "too noisy" in table(LOAD, said)
    nothing = report(LOAD, Run(3, [pair(90.0, STORM)] * 4))
    assert "p50" not in nothing["figures"]
    assert nothing["goals"] == []


async def test_the_socket_takes_frames_apart_however_they_arrive() -> None:
    heard: list[bytes] = []
    long, longest = b"x" * 300, b"y" * 70_000
    frames = b"\x81\x05hello" + b"\x81\x7e" + struct.pack(">H", 300) + long + b"\x81\x7f" + struct.pack(">Q", 70_000) + longest
    frames += b"\x88\x02" + struct.pack(">H", 4408)
    for size in (1, 7, 1000, len(frames)):
        heard.clear()
        socket = Socket(heard.append)
        stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + frames
        for start in range(0, len(stream), size):
            socket.data_received(stream[start : start + size])
        assert heard == [b"hello", long, longest]
        assert socket.closed == 4408


async def test_the_socket_says_so_when_it_is_refused() -> None:
    socket = Socket(lambda frame: None)
    socket.data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    with pytest.raises(ConnectionError, match="403"):
        await asyncio.wait_for(socket.opened, 1)


def test_a_figure_of_the_desk_is_told_beside_its_budget_and_its_floor() -> None:
    quick = Figure("palette: results", [90.0] * 18 + [140.0, 160.0], [30.0] * 20, QUIET)
    said = budgets.report(quick)
    assert said["ours"] == {"p50": 90.0, "p75": 90.0, "p95": 140.0}
    assert (said["ratio"], said["budget"], said["met"], said["outcome"]) == (3.0, {"p75": 150, "p95": None}, True, "measured")
    assert "met" in budgets.table([said])


def test_a_switch_meets_its_budget_only_with_both_percentiles() -> None:
    late = Figure("switch by key: painted", [100.0] * 18 + [251.0] * 2, [], QUIET)
    assert not budgets.report(late)["met"]
    slow = Figure("switch by key: painted", [121.0] * 20, [], QUIET)
    assert not budgets.report(slow)["met"]
    assert "not met" in budgets.table([budgets.report(slow)])


def test_what_others_disturbed_is_marked_and_not_hidden() -> None:
    said = budgets.report(Figure("palette: open", [40.0] * 20, [20.0] * 20, STORM))
    assert (said["outcome"], said["met"]) == ("disturbed", True)
    assert "* palette: open" in budgets.table([said])


def _produced(one: ast.expr) -> str:
    """A pattern for the names that an expression makes."""
    if isinstance(one, ast.JoinedStr):
        return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in one.values)
    return re.escape(str(one.value)) if isinstance(one, ast.Constant) else "(?!)"


def test_every_budget_is_of_something_that_is_measured() -> None:
    tree = ast.parse(Path(desk.__file__).read_text())
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.func.attr == "add"]
    tables = [key for one in ast.walk(tree) if isinstance(one, ast.Dict) for key in one.keys if key is not None]
    patterns = [_produced(one) for one in [*(call.args[0] for call in calls), *tables]]
    assert [name for name in budgets.BUDGETS if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []


@pytest.mark.parametrize(
    ("strict", "weather", "took", "code"), [(True, QUIET, 51.0, 1), (True, QUIET, 49.0, 0), (True, STORM, 51.0, 0), (False, QUIET, 51.0, 0)]
)
def test_strict_fails_where_a_budget_is_missed_undisturbed(
    monkeypatch: pytest.MonkeyPatch, strict: bool, weather: Weather, took: float, code: int
) -> None:
    async def measured(_arguments: object) -> tuple[list[object], list[Figure]]:
        return [], [Figure("palette: open", [took] * 20, [], weather), Figure("of no budget", [9e9], [], QUIET)]

    monkeypatch.setattr(bench, "_measure", measured)
    assert bench.main(["--strict"] if strict else []) == code
