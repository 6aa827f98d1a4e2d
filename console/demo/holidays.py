"""The days on which nobody is written to, country by country: national holidays, and some that only banks keep. Rather one too many."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

# Month and day; in Colombia and Chile some are kept on a Monday.
_FIXED = {
    "CO": "1-1 5-1 7-20 8-7 12-8 12-25",
    "MX": "1-1 5-1 9-16 12-12 12-25",
    "CL": "1-1 5-1 5-21 6-20 6-21 7-16 8-15 9-18 9-19 10-31 11-1 12-8 12-25",
    "PE": "1-1 5-1 6-7 6-29 7-23 7-28 7-29 8-6 8-30 10-8 11-1 12-8 12-9 12-25",
    "BR": "1-1 4-21 5-1 9-7 10-12 11-2 11-15 11-20 12-25",
}
# On the Monday that follows, or on the day itself where it is one: Ley 51/1983, with the 9th of July of Ley 2578/2026.
_NEXT_MONDAY = {"CO": "1-6 3-19 6-29 7-9 8-15 10-12 11-1 11-11"}
# Ley 19.668: on the Monday of the week, or the next one.
_NEAR_MONDAY = {"CL": "6-29 10-12"}
# The first or third Monday of a month.
_NTH_MONDAY = {"MX": ((2, 1), (3, 3), (11, 3))}
# Days from Easter Sunday.
_EASTER = {"CO": (-3, -2, 43, 64, 71), "MX": (-3, -2), "CL": (-2, -1), "PE": (-3, -2), "BR": (-48, -47, -2, 60)}
_THURSDAY = 3


def is_holiday(day: date, country: str) -> bool:
    """Whether it is one in that country (ISO code)."""
    return day in _holidays(day.year, country)


@cache
def _holidays(year: int, country: str) -> frozenset[date]:
    easter = _easter(year)
    moved = {day + timedelta(days=-day.weekday() % 7) for day in _days(year, _NEXT_MONDAY.get(country, ""))}
    near = {
        day - timedelta(days=day.weekday() if day.weekday() <= _THURSDAY else day.weekday() - 7)
        for day in _days(year, _NEAR_MONDAY.get(country, ""))
    }
    mondays = {_monday(year, month, number) for month, number in _NTH_MONDAY.get(country, ())}
    return frozenset(
        {*_days(year, _FIXED[country]), *moved, *near, *mondays, *(easter + timedelta(days=days) for days in _EASTER[country])}
    )


def _days(year: int, text: str) -> set[date]:
    return {date(year, *map(int, day.split("-"))) for day in text.split()}


def _monday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=-first.weekday() % 7 + 7 * (number - 1))


def _easter(year: int) -> date:
    """By the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), g = divmod(b, 4), (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    gap = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * gap) // 433
    month = (h + gap - 7 * m + 90) // 25
    return date(year, month, (h + gap - 7 * m + 33 * month + 19) % 32)
