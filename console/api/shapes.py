"""What the API takes: every field named and typed, unknown ones refused; and how its texts become cards."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from babel.numbers import is_currency

from base.errors import InvalidField
from base.signs import TURNED, turns, unhidden
from channels.phones import match_key, parse_phone
from debts.cards import AddressCard, CreditorCard, DebtCard, DebtorCard

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}")
_FEWEST_DIGITS = 5
MOST_NUMBER = 2**62
_MOST_MONEY = Decimal(10) ** 12


class Shape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of all request bodies."""


class CreditorIn(Shape):
    """A creditor by name; what is absent stays as it is, and a new one is `other`, third-party and without destinations."""

    name: Short
    tax_id: Short | None = None
    type: Literal["bank", "store", "telecom", "utility", "other"] | None = None
    first_party: bool | None = None
    country: Country | None = None
    payment_destinations: Annotated[list[Any], msgspec.Meta(max_length=50)] | None = None
    team: Short | None = None

    def card(self) -> CreditorCard:
        """As the debts room takes it."""
        return CreditorCard(**msgspec.structs.asdict(self))


class ConsentIn(Shape):
    """Who authorised an address, when, and in which clause."""

    source: Short | None = None
    at: str | None = None
    clause: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


class AddressIn(Shape):
    """An address as the creditor knows it; `since` is a date or a moment."""

    channel: Literal["sms", "whatsapp", "email", "voice"]
    value: Short
    since: str | None = None
    consent: ConsentIn | None = None


class DebtIn(Shape):
    """What is owed; money is text (or a JSON number, read digit by digit), never a float."""

    ref: Ref
    creditor: Short
    product_last4: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]{1,4}$")] | None = None
    total_due: Decimal | None = None
    minimum_due: Decimal | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] | None = None
    due_on: date | None = None
    days_past_due: Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)] | None = None
    payment_reference: Short | None = None
    legal_state: Short | None = None


class DebtorIn(Shape):
    """A client by reference; everything but `ref` and `name` may be absent, and then stays as it is."""

    ref: Ref
    name: Short
    national_id: Short | None = None
    birth_date: date | None = None
    country: Country | None = None
    region: Short | None = None
    city: Short | None = None
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}(-[A-Za-z0-9]+)?$")] | None = None
    timezone: Short | None = None
    addresses: Annotated[list[AddressIn], msgspec.Meta(max_length=50)] = []
    debts: Annotated[list[DebtIn], msgspec.Meta(max_length=200)] = []

    def card(self) -> DebtorCard:
        """As the debts room takes it. Raises `InvalidField` naming the field."""
        return DebtorCard(
            ref=clean(self.ref, "ref"),
            name=clean(self.name, "name"),
            national_id=self.national_id,
            birth_date=self.birth_date,
            country=self.country,
            region=self.region,
            city=self.city,
            language=self.language,
            zone=_zone(self.timezone),
            addresses=tuple(address_card(one, self.country, f"addresses[{number}]") for number, one in enumerate(self.addresses)),
            debts=tuple(_debt_card(one, f"debts[{number}]") for number, one in enumerate(self.debts)),
        )


class SearchIn(Shape):
    """Exactly one of these; personal data never stand in an address of a request."""

    phone: Short | None = None
    email: Short | None = None
    ref: Ref | None = None
    name: Short | None = None


class MessageIn(Shape):
    """A message to a client."""

    channel: Literal["sms", "whatsapp", "email", "voice"]
    text: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    purpose: Annotated[str, msgspec.Meta(max_length=40)] = "collection"
    debt_ref: Ref | None = None
    to: Short | None = None
    template: Short | None = None
    variables: Annotated[dict[str, str], msgspec.Meta(max_length=50)] | None = None
    attachments: Annotated[list[UUID], msgspec.Meta(max_length=10)] = []
    not_before: datetime | None = None


class ButtonIn(Shape):
    """A quick reply (``reply``), or a line of a list (``list``) with a smaller `description`, under a text."""

    type: Literal["reply", "list"]
    id: Ref
    title: Short
    description: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TemplateIn(Shape):
    """A prepared text: a `template` that a carrier registers, a `session` one (a list that `menu` opens, or buttons, which answer a client on
    WhatsApp without approval), or a `canned` reply. Its places stand in double braces: ``{{first_name}}``."""

    kind: Literal["template", "session", "canned"]
    name: Short
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$")]
    body: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]
    channel: Literal["sms", "whatsapp", "email", "voice"] | None = None
    category: Literal["UTILITY", "MARKETING", "AUTHENTICATION"] | None = None
    buttons: Annotated[list[ButtonIn], msgspec.Meta(max_length=10)] = []
    menu: Short | None = None
    media_url: Annotated[str, msgspec.Meta(max_length=500)] | None = None
    legal: bool = False
    creditor: Short | None = None


class ClockIn(Shape):
    """The moment to move the product's clock to, or null to let it go."""

    now: datetime | None


def address_card(address: AddressIn, country: str | None, field: str) -> AddressCard:
    """An address with its match key. A number that only looks wrong is kept and shown as invalid; one that is none is refused."""
    value = clean(address.value, f"{field}.value")
    consent = (
        None
        if address.consent is None
        else {name: text for name, text in msgspec.structs.asdict(address.consent).items() if text is not None}
    )
    since = None if address.since is None else moment(address.since, f"{field}.since")
    if address.consent is not None and address.consent.at is not None:
        moment(address.consent.at, f"{field}.consent.at")
    if address.channel == "email":
        if not _EMAIL.fullmatch(value):
            raise InvalidField(f"{field}.value", "is not an email address")
        return AddressCard(address.channel, value, value.casefold(), since, consent)
    dialable, match, valid = phone(value, country, f"{field}.value")
    return AddressCard(address.channel, dialable, match, since, consent, valid)


def phone(value: str, country: str | None, field: str) -> tuple[str, str, bool]:
    """The dialable form, the match key, and whether the number can exist. Raises `InvalidField` for what is no number at all."""
    try:
        parsed = parse_phone(value, country)
    except InvalidField as error:
        if sum(character.isdigit() for character in value) < _FEWEST_DIGITS:
            raise InvalidField(field, error.problem, **error.values) from error
        return value, match_key(value), False
    return parsed.dialable, parsed.match_key, True


def _debt_card(debt: DebtIn, field: str) -> DebtCard:
    if debt.currency is not None and not is_currency(debt.currency):
        raise InvalidField(f"{field}.currency", f"{debt.currency} is not a currency of ISO 4217")
    if (debt.total_due is not None or debt.minimum_due is not None) and debt.currency is None:
        raise InvalidField(f"{field}.currency", "is needed beside an amount")
    for name in ("total_due", "minimum_due"):
        amount: Decimal | None = getattr(debt, name)
        if amount is not None and (not amount.is_finite() or abs(amount) > _MOST_MONEY or amount != round(amount, 4)):
            raise InvalidField(f"{field}.{name}", "must be an amount of at most a million million, with at most four decimals")
    return DebtCard(**msgspec.structs.asdict(debt))


def clean(text: str, field: str) -> str:
    """Text without outer spaces and what hides. Raises `InvalidField` for nothing, control characters, and what turns the order of reading."""
    if turns(text):
        raise InvalidField(field, TURNED)
    text = unhidden(text).strip()
    if not text or any(ord(character) < 32 or 0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise InvalidField(field, "must be text without control characters")
    return text


def moment(text: str, field: str) -> datetime:
    """A date or a moment in ISO 8601, in UTC where it names no zone."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidField(field, "must be a date or a moment like 2026-11-21 or 2026-11-21T15:00:00Z") from error


def number(text: str, field: str) -> int:
    """A whole number as a database holds it. Raises `InvalidField`."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and int(text) <= MOST_NUMBER):
        raise InvalidField(field, "is not a number of ours")
    return int(text)


def uuid(text: str, field: str) -> UUID:
    """An id. Raises `InvalidField`."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidField(field, "is not an id") from error


def _zone(name: str | None) -> str | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise InvalidField("timezone", f"{name!r} is not an IANA time zone such as America/Bogota") from error
