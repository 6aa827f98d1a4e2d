"""How a client's story is worded: choices made, and places filled with the client's own data."""

from __future__ import annotations

import random
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from base.money import money
from console.demo import scenes
from console.demo.clients import DemoClient

_PARTS = {"half": 2, "third": 3}


class Voice:
    """The words of one story. `agent` is the whole name of who writes, `colleague` the first name of who is asked for help."""

    def __init__(self, client: DemoClient, chance: random.Random, agent: str, colleague: str) -> None:
        self.client = client
        self.chance = chance
        self.agent = agent
        self.colleague = colleague

    def fill(self, text: str, at: datetime, *, formal: bool) -> str:
        """Words with one of each choice, and with every place filled."""
        client, language = self.client, self.client.language
        local = at.astimezone(ZoneInfo(client.zone))
        return scenes.chosen(text, self.chance).format_map(
            self._places
            | {
                "day": scenes.weekday(language, self.chance),
                "hi": scenes.hello(language, local, self.chance, formal=formal),
            }
        )

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
        return {
            "first": values["first_name"],
            "agent": values["agent_name"].split()[0],
            "creditor": values["creditor"],
            "last4": values["product_last4"],
            "minimum": values["minimum_due"],
            "total": values["total_due"],
            "half": money(self.part("half"), country.currency),
            "third": money(self.part("third"), country.currency),
            "reference": values["payment_reference"],
            "place": country.place,
            "colleague": self.colleague,
        }

    def part(self, part: str) -> Decimal:
        """A part of the first debt, in amounts that people name: ``min``, ``half`` or ``third``."""
        debt, step = self.client.debts[0], self.client.country.step
        return debt.minimum if part == "min" else max(Decimal(step), debt.total / _PARTS[part] // step * step)
