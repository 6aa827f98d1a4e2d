"""When things were said: we write on working days by day, clients whenever they like."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = 8, 18
_SATURDAY = 5


def is_working_time(moment: datetime, zone: str) -> bool:
    """Whether it is between eight and six of a working day where the client is."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.weekday() < _SATURDAY and OPENS <= local.hour < CLOSES


def last_working_time(moment: datetime, zone: str, chance: random.Random) -> datetime:
    """The moment itself, or one in the last two hours of the working day before it."""
    if is_working_time(moment, zone):
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    if local.hour < OPENS:
        local -= timedelta(days=1)
    while local.weekday() >= _SATURDAY:
        local -= timedelta(days=1)
    late = timedelta(minutes=chance.randrange(1, 120), seconds=chance.randrange(60))
    return (local.replace(hour=CLOSES, minute=0, second=0, microsecond=0) - late).astimezone(moment.tzinfo)
