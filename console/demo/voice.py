"""How a client's story is worded: choices made, and places filled with the client's own data, in their country's words."""

from __future__ import annotations

import random
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from babel.dates import format_date

from base.money import money
from console.demo import scenes
from console.demo.clients import DemoClient
from console.demo.countries import is_feminine
from console.demo.words import WORDS

_PARTS = {"half": 2, "third": 3}
_LOCALES = {"es": "es", "pt": "pt_BR"}
_DAY = {"es": "{weekday} {day}", "pt": "{weekday}, dia {day}"}
_ON = {"es": ("el ", "el "), "pt": ("na ", "no ")}
# An account's day of payment, seen from the day on which it is spoken of.
_FALLS = {"es": ("vence el {date}", "venció el {date}"), "pt": ("vence em {date}", "venceu em {date}")}
_PAYDAY = {"es": ((15, 30), "el {day}"), "pt": ((5, 20), "dia {day}")}


class Place(str):
    """The value of a place. ``{first:o,a}`` is the first or the second as the person is a man or a woman, ``{leave:capitalize}`` begins a sentence."""

    __slots__ = ()
    feminine = False

    def __format__(self, how: str) -> str:
        if how == "capitalize":
            return self[:1].upper() + self[1:]
        return how.split(",")[self.feminine] if how else str(self)


class Woman(Place):
    """A woman's name."""

    __slots__ = ()
    feminine = True


class Voice:
    """The words of one story. `agent` is the whole name of who writes, `colleague` the first name of who is asked for help."""

    def __init__(self, client: DemoClient, chance: random.Random, agent: str, colleague: str) -> None:
        self.client = client
        self.chance = chance
        self.agent = agent
        self.colleague = colleague

    def fill(self, text: str, at: datetime, day: date, due: date, *, formal: bool) -> str:
        """Words with one of each choice, and with every place filled. `day` is the one that the scene speaks of, `due` the account's."""
        language = self.client.language
        local = at.astimezone(ZoneInfo(self.client.zone))
        hi = scenes.hello(language, local, self.chance, formal=formal)
        return scenes.chosen(text, self.chance).format_map(self._places | self._days(local.date(), day, due) | {"hi": hi})

    def _days(self, today: date, day: date, due: date) -> dict[str, str]:
        """The places that depend on the calendar."""
        language = self.client.language
        days, payday = _PAYDAY[language]
        spoken = _DAY[language].format(weekday=scenes.weekday(language, day), day=day.day)
        return {
            "day": spoken,
            "on": Place(_ON[language][day.weekday() > 4] + spoken),
            "falls": _FALLS[language][due < today].format(date=f"{due.day} de {_month(due, language)}"),
            "payday": payday.format(day=next((number for number in days if number > today.day + 2), days[0])),
            "month_ago": _month(date(today.year - (today.month < 3), (today.month - 3) % 12 + 1, 1), language),
        }

    @cached_property
    def values(self) -> dict[str, str]:
        """The values of the named places, as they are filled in for an agent."""
        debt, currency = self.client.debts[0], self.client.country.currency
        return {
            "client_name": self.client.name,
            "first_name": self.client.name.split()[0],
            "creditor": debt.creditor,
            "agent_name": self.agent,
            "total_due": money(debt.total, currency),
            "minimum_due": money(debt.minimum, currency),
            "payment_reference": debt.reference,
            "product_last4": debt.last4,
        }

    @cached_property
    def _places(self) -> dict[str, str]:
        """The values of the scenes' places, but for those that each line has anew."""
        values, country = self.values, self.client.country
        return {name: Place(word) for name, word in WORDS[country.code].items()} | {
            "first": _name(values["first_name"]),
            "agent": _name(values["agent_name"].split()[0]),
            "creditor": values["creditor"],
            "last4": values["product_last4"],
            "minimum": values["minimum_due"],
            "total": values["total_due"],
            "half": money(self.part("half"), country.currency),
            "third": money(self.part("third"), country.currency),
            "reference": values["payment_reference"],
            "colleague": self.colleague,
        }

    def part(self, part: str) -> Decimal:
        """A part of the first debt, in amounts that people name: ``min``, ``half`` or ``third``."""
        debt, step = self.client.debts[0], self.client.country.step
        return debt.minimum if part == "min" else max(Decimal(step), debt.total / _PARTS[part] // step * step)


def _name(name: str) -> Place:
    return Woman(name) if is_feminine(name) else Place(name)


def _month(day: date, language: str) -> str:
    return format_date(day, "MMMM", locale=_LOCALES[language])
