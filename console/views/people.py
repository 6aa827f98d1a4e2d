"""What the dialogs about people are given: who somebody may be, how they are reached, who stands beside them, what they declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """A reason or a state in the reader's language, with the sprite's symbol and a tone (ok, info, warn, bad, quiet)."""

    icon: str
    label: str
    tone: str = "quiet"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to choose: enough to tell them from another, and no balances. `strength` is None for whom a search found."""

    debtor_id: str
    conversation_id: str
    name: str
    ref: str | None
    address: str | None
    portfolios: str
    reasons: tuple[Said, ...]
    strength: Said | None = None


@dataclass(frozen=True, slots=True)
class FoundView:
    """What a search found. `act` is where a choice is posted, `label` what its button says; `text` was searched for."""

    act: str
    label: str
    text: str
    people: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a form."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class IdentifyView:
    """Who wrote? `address` is masked, `words` their newest ones. `values` are what the form had, `problems` what is wrong with it, by field."""

    conversation_id: str
    address: str | None
    words: str
    suggestions: FoundView
    found: FoundView
    portfolios: tuple[Choice, ...]
    countries: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """One address, masked, with what may be done about it."""

    address_id: str
    channel: str
    masked: str
    status: str
    best: bool
    confirmed: bool
    preferred: bool


@dataclass(frozen=True, slots=True)
class PartyView:
    """Somebody beside a debt, or what the client is beside another's. `barred` says why they must not be contacted."""

    party_id: str
    name: str
    role: Said
    code: str
    debt: str
    conversation_id: str | None
    barred: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """A merge that stands."""

    merge_id: str
    name: str
    agent: str
    at: datetime
    zone: str
    mine: bool


@dataclass(frozen=True, slots=True)
class PeopleView:
    """How a client is reached and who stands beside them. `debts` are those that a party can be put beside."""

    conversation_id: str
    name: str
    addresses: tuple[Reach, ...]
    channels: tuple[Choice, ...]
    parties: tuple[PartyView, ...]
    roles: tuple[PartyView, ...]
    role_choices: tuple[Choice, ...]
    debts: tuple[Choice, ...]
    joined: tuple[Joined, ...]
    found: FoundView
    problem: str | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Owed:
    """A debt that money can be declared towards."""

    debt_id: str
    label: str
    currency: str
    total: Decimal | None
    minimum: Decimal | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A day to choose, in the client's calendar."""

    label: str
    on: date
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class OverView:
    """An amount that is more than is `owed`, or (where that is None) could be meant otherwise: noted once `said` comes back as confirmed."""

    amount: Decimal
    owed: Decimal | None
    currency: str
    said: str


@dataclass(frozen=True, slots=True)
class MoneyView:
    """The form of a promise or a declared payment (`kind`). `token` makes a second press the same record; `problems` are by field."""

    kind: str
    conversation_id: str
    name: str
    token: str
    debts: tuple[Owed, ...]
    days: tuple[Day, ...]
    earliest: date
    latest: date
    currencies: tuple[Choice, ...]
    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    over: OverView | None = None
