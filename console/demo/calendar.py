"""When things were said: we write on working days, in hours that are lawful in each of the countries; clients whenever they like."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.demo.holidays import is_holiday

OPENS, CLOSES = 9, 18
_SATURDAY = 5


def is_working_time(moment: datetime, country: str, zone: str) -> bool:
    """Whether it is between nine and six of a working day where the client is."""
    local = moment.astimezone(ZoneInfo(zone))
    return _is_working_day(local, country) and OPENS <= local.hour < CLOSES


def last_working_time(moment: datetime, country: str, zone: str, chance: random.Random) -> datetime:
    """The moment itself, or one in the last two hours of the working day before it."""
    if is_working_time(moment, country, zone):
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    if local.hour < OPENS:
        local -= timedelta(days=1)
    while not _is_working_day(local, country):
        local -= timedelta(days=1)
    late = timedelta(minutes=chance.randrange(1, 120), seconds=chance.randrange(60))
    return (local.replace(hour=CLOSES, minute=0, second=0, microsecond=0) - late).astimezone(moment.tzinfo)


def _is_working_day(local: datetime, country: str) -> bool:
    return local.weekday() < _SATURDAY and not is_holiday(local.date(), country)
