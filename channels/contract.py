"""The contract between Trato and any carrier: verify, parse, parse receipt, send, list.

An adapter translates and does nothing else: it touches no table, no session and no web framework. Words of a carrier
(`undelivered`, `SM…`, `21610`) end inside it; only the types below come out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a client is reached."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    VOICE = "voice"


class OptWord(StrEnum):
    """What the carrier itself recognised in the client's words."""

    STOP = "stop"
    START = "start"
    HELP = "help"


class ReceiptState(StrEnum):
    """What a carrier may tell of a message after it accepted it. Ranks live in `inbox`."""

    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


class AddressEffect(StrEnum):
    """What an error says about the address it was sent to."""

    NONE = "none"
    SOFT_BOUNCE = "soft_bounce"
    HARD_BOUNCE = "hard_bounce"
    INVALID = "invalid"
    OPTED_OUT = "opted_out"


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A carrier's request exactly as it came over the wire.

    `path` and `query` are raw (still percent-encoded, no leading ``?`` in `query`); `headers` keep their order, with names in lower case,
    doubled ones included; `body` is untouched.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> list[str]:
        """All values of one header, in the order they came."""
        return [value for key, value in self.headers if key == name.lower()]


@dataclass(frozen=True, slots=True)
class Media:
    """One attachment as the carrier announced it; the bytes are fetched later."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Press:
    """A button or a line of a list (`listed`) that the client chose: the words on it, and the id that we gave it."""

    title: str
    id: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A location that the client shared: degrees, and what it is called."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A client's word. `(adapter, account, external_id)` names it for ever; `carrier_at` is UTC or unknown.

    `replies_to` is the carrier's id of the message that is quoted. `also_known_as` is another id of the same sender by the carrier's word (a
    business-scoped id beside a phone): a hint, never proof of who somebody is.

    `fields` keeps what no other attribute holds, under the carrier's own names. `notes` are English msgids that say what had to be
    repaired so that it could be read and stored; no text here holds a NUL or a lone surrogate.
    """

    adapter: str
    account: str
    external_id: str
    channel: Channel
    sender: str
    recipient: str
    text: str
    media: tuple[Media, ...] = ()
    carrier_at: datetime | None = None
    opt_word: OptWord | None = None
    profile_name: str | None = None
    replies_to: str | None = None
    press: Press | None = None
    place: Place | None = None
    also_known_as: str | None = None
    forwarded: bool = False
    fields: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierError:
    """Why a carrier refused or lost a message: its own code, our plain English reason (a msgid), and what it says of the address.

    `again` is true where a new message to the same address, later, may well arrive.
    """

    code: str
    reason: str
    effect: AddressEffect = AddressEffect.NONE
    again: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A carrier's word on one of our messages. `state` is None for words that change nothing (queued, sending)."""

    adapter: str
    account: str
    external_id: str
    carrier_word: str
    state: ReceiptState | None
    error: CarrierError | None = None


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A registered template with its places filled: the carrier's id of it, and the values by the carrier's numbers (``{"1": "Rosa"}``)."""

    content_id: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to hand to a carrier. `receipt_url` carries our message id; `valid_for` is in seconds.

    With `template` the carrier fills in the words and `text` is only what we keep. `media_urls` are fetched by the carrier. `sender` is the
    number of ours to send from; empty means the one of the settings.
    """

    message_id: str
    channel: Channel
    recipient: str
    text: str
    receipt_url: str
    valid_for: int
    template: TemplateUse | None = None
    media_urls: tuple[str, ...] = ()
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of an attachment as the carrier keeps them, with the type that it says they are of."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took the message and named it."""

    external_id: str
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the carrier's own message list, for reconciling: either direction."""

    external_id: str
    inbound: bool
    channel: Channel
    sender: str
    recipient: str
    text: str
    created_at: datetime | None
    carrier_word: str
    state: ReceiptState | None
    error: CarrierError | None = None
    media_count: int = 0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds until an adapter stops waiting: for a connection, and for a whole call."""

    connect: float = 5.0
    total: float = 15.0


class Forged(Exception):
    """The request does not prove that the carrier sent it. Answer 403."""


class Unparseable(Exception):
    """The request is genuine and yet cannot be read. Keep it in quarantine, visibly; the message says what is wrong."""


class SendFailed(Exception):
    """Base of all that can go wrong in `send`. Each subclass says what to do next."""


class TryAgain(SendFailed):
    """Certainly not accepted (throttled, or the connection never opened). `after` is in seconds."""

    def __init__(self, reason: str, after: float = 1.0) -> None:
        super().__init__(reason)
        self.after = after


class Refused(SendFailed):
    """Certainly not accepted, and asking again would be refused again."""

    def __init__(self, error: CarrierError) -> None:
        super().__init__(f"{error.code}: {error.reason}")
        self.error = error


class Unconfirmed(SendFailed):
    """The request left and no clear answer came back: it may have been accepted. Never send again blindly."""


class Adapter(Protocol):
    """What every carrier adapter offers. Two adapters with one `name` and `account` share their list of messages and their webhooks."""

    name: str
    account: str

    def verify(self, request: WebhookRequest) -> None:
        """Raise `Forged` unless the carrier signed exactly this request."""

    def parse(self, request: WebhookRequest) -> list[Inbound]:
        """The client's words in a verified request. Raises `Unparseable`."""

    def parse_receipt(self, request: WebhookRequest) -> list[Receipt]:
        """The carrier's words on our messages in a verified request. Raises `Unparseable`."""

    async def send(self, outbound: Outbound) -> Accepted:
        """Hand one message to the carrier, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""

    def listing(self, since: datetime) -> AsyncIterator[Listed]:
        """The carrier's own list of messages in both directions, newest first, back to `since` (UTC).

        Reading changes nothing, so it fails only with `TryAgain` or `Refused`.
        """
        ...

    async def media_of(self, external_id: str) -> tuple[Media, ...]:
        """The attachments of a client's message that was found in the list. Raises `TryAgain` or `Refused`."""
        ...

    async def fetch(self, url: str, most_bytes: int) -> Fetched:
        """The bytes of an attachment that this carrier announced. Raises `TryAgain`, or `Refused` where it is gone, too large or not the carrier's."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
