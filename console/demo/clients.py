"""The demo's clients, the same at every first start: who they are, what they owe, how they are reached, and how things stand with them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from console.demo.countries import COUNTRIES, Country
from console.demo.people import ANDES, AURORA, AURORA_BR, BRASIL, CONDOR, SUR, TIENDAS, agents_of, team_of

SEED = 7
# Where each group of clients stands: how many of them in which way. `own` is shared out among the team's agents.
_GROUPS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("CO", AURORA, {"waiting": 22, "ana": 8, "luis": 6, "own": 5, "snoozed": 5, "stop": 6, "closed": 28, "open": 18}),
    ("CO", CONDOR, {"waiting": 4, "own": 1, "stop": 1, "closed": 3, "open": 3}),
    ("MX", AURORA, {"waiting": 12, "own": 6, "snoozed": 2, "stop": 3, "closed": 19, "open": 18}),
    ("CL", TIENDAS, {"waiting": 7, "own": 6, "snoozed": 2, "stop": 2, "closed": 14, "open": 14}),
    ("PE", TIENDAS, {"waiting": 6, "own": 6, "snoozed": 1, "stop": 2, "closed": 15, "open": 15}),
    ("BR", AURORA_BR, {"waiting": 8, "own": 7, "snoozed": 2, "stop": 2, "closed": 10, "open": 11}),
)
# Minutes since Ana's clients last wrote on WhatsApp: six minutes to more than a day, so that windows of every length are seen.
ANAS = (6, 24, 75, 180, 21 * 60, 23 * 60 + 20, 26 * 60, 30 * 60)
# What came of the last message to those whose conversation is open: most of it arrived.
_BAD = ("", "soft_bounce", "", "", "unconfirmed", "", "", "hard_bounce", "", "")
_LATE = (0, 3, 8, 15, 22, 38, 61, 95, 140)


@dataclass(frozen=True, slots=True)
class DemoDebt:
    """What a client owes. `late` is in days."""

    creditor: str
    ref: str
    last4: str
    total: Decimal
    minimum: Decimal
    late: int
    reference: str


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A made-up client. `stands` says how things are, `minutes` how long ago the last word was said, `talkative` who writes all the time."""

    number: int
    name: str
    country: Country
    city: tuple[str, str, str]
    phone: str
    channel: str
    stands: str
    agent: str
    minutes: int
    debts: tuple[DemoDebt, ...]
    national_id: str
    whatsapp: bool = True
    second: str = ""
    email: str = ""
    bad: str = ""
    talkative: bool = False
    ref: str = field(default="")

    @property
    def language(self) -> str:
        """What they write in."""
        return self.country.language

    @property
    def zone(self) -> str:
        """Where their clock stands."""
        return self.city[2]


def demo_clients() -> list[DemoClient]:
    """All of them, in the order of their numbers."""
    chance = random.Random(SEED)  # noqa: S311 - made-up people, no secret
    waiting: dict[str, int] = {ANDES: 0, SUR: 0, BRASIL: 0}
    clients: list[DemoClient] = []
    for code, creditor, stands in _GROUPS:
        for at, how in enumerate(_shuffled(chance, stands)):
            clients.append(_client(chance, len(clients) + 1, COUNTRIES[code], creditor, how, at, waiting))
    return clients


def _shuffled(chance: random.Random, stands: dict[str, int]) -> Iterator[str]:
    flat = [f"{how}:{at}" for how, number in stands.items() for at in range(number)]
    chance.shuffle(flat)
    return iter(flat)


def _client(chance: random.Random, number: int, country: Country, creditor: str, how: str, at: int, waiting: dict[str, int]) -> DemoClient:
    stands, place = how.split(":")[0], int(how.split(":")[1])
    team = team_of(creditor)
    phone = f"{country.prefix}{number:0{country.digits}d}"
    name = f"{chance.choice(country.first)} {chance.choice(country.last)} {chance.choice(country.last)}"
    whatsapp = chance.random() < 0.85 or stands == "ana"
    first, last = name.split()[0], name.split()[1]
    return DemoClient(
        number=number,
        name=name,
        country=country,
        city=chance.choice(country.cities),
        phone=phone,
        channel="whatsapp" if whatsapp and (stands == "ana" or chance.random() < 0.72) else "sms",
        stands={"ana": "own", "luis": "own"}.get(stands, stands),
        agent=_agent(chance, stands, place, team),
        minutes=_minutes(chance, stands, place, team, waiting),
        debts=_debts(chance, number, country, creditor),
        national_id=f"{10_000_000 + number * 7919}{number % 10}",
        whatsapp=whatsapp,
        second=f"{country.prefix}{number + 5000:0{country.digits}d}" if chance.random() < 0.12 else "",
        email=f"{_plain(first)}.{_plain(last)}{number}@correo.example" if chance.random() < 0.4 else "",
        bad=_BAD[place % len(_BAD)] if stands == "open" else "",
        talkative=(stands, place) in (("ana", 2), ("luis", 0)),
        ref=f"{'TS' if creditor == TIENDAS else 'TC' if creditor == CONDOR else 'BR' if creditor == AURORA_BR else 'BA'}-{number:05d}",
    )


def _agent(chance: random.Random, stands: str, place: int, team: str) -> str:
    if stands in ("ana", "luis") or (stands == "snoozed" and team == ANDES and place < 2):
        return f"{stands if stands == 'luis' else 'ana'}@trato.example"
    agents = agents_of(team)
    others = agents[2:] if team == ANDES and stands == "own" else agents
    return others[place % len(others)].email if stands == "own" else chance.choice(agents).email


def _minutes(chance: random.Random, stands: str, place: int, team: str, waiting: dict[str, int]) -> int:
    """How long ago the last word was: who waits, since three minutes to more than a day; what is closed, for days."""
    if stands == "ana":
        return ANAS[place]
    if stands == "waiting":
        waiting[team] += 1
        return 3 + int(waiting[team] ** 1.98)
    if stands in ("luis", "own"):
        return chance.randrange(8, 3000)
    return chance.randrange(*{"closed": (1500, 40_000), "stop": (2000, 50_000), "snoozed": (200, 5000)}.get(stands, (300, 20_000)))


def _debts(chance: random.Random, number: int, country: Country, creditor: str) -> tuple[DemoDebt, ...]:
    """One to three; some people owe to another creditor of the same team too, a few to one of another."""
    creditors = [creditor]
    dice = chance.random()
    if dice < 0.22:
        creditors.append(creditor)
    if creditor == AURORA and country.code == "CO" and number % 11 == 0:
        creditors.append(CONDOR)
    if creditor == AURORA and number % 23 == 0:
        creditors.append(TIENDAS)
    return tuple(_debt(chance, number, at, country, owed) for at, owed in enumerate(creditors))


def _debt(chance: random.Random, number: int, at: int, country: Country, creditor: str) -> DemoDebt:
    total = Decimal(chance.randrange(country.least, country.most, country.step))
    return DemoDebt(
        creditor=creditor,
        ref=f"{creditor[:1]}{creditor.split()[-1][:2].upper()}-{number:05d}{at + 1}",
        last4=f"{chance.randrange(10**4):04d}",
        total=total,
        minimum=max(Decimal(country.step), (total * Decimal("0.12") // country.step) * country.step),
        late=chance.choice(_LATE),
        reference=f"88{number:05d}{at + 1}",
    )


def _plain(word: str) -> str:
    return word.casefold().translate(str.maketrans("áéíóúñüãçêô", "aeiounuaceo"))
