"""What the carrier keeps: messages of both directions, its calls to the product, files, templates, and the people it plays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.addresses import channel_of


@dataclass(frozen=True, slots=True)
class Message:
    """One message in either direction as the carrier knows it. Times are seconds since 1970, UTC; `validity_period` is in seconds.

    `detail` holds what is more than text: of ours the template with its buttons, of a client's what was pressed, quoted or shared,
    and that it is `past`: the product knew it already and is not told.
    """

    sid: str
    direction: str
    sender: str | None
    recipient: str
    body: str
    status: str
    num_segments: int
    created_at: float
    updated_at: float
    sent_at: float | None = None
    media: tuple[str, ...] = ()
    error_code: int | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    validity_period: int = 36_000
    opt_out_type: str | None = None
    lost: bool = False
    answered: bool = False
    plan: dict[str, Any] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)
    seq: int = 0

    @property
    def party(self) -> str:
        """The client's address, whichever way the message goes."""
        return str(self.sender) if self.direction == "inbound" else self.recipient

    @property
    def channel(self) -> str:
        """The channel it travels on."""
        return channel_of(self.recipient)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to the product. `status_code` is None when nothing answered; `error` then says why."""

    kind: str
    sid: str
    word: str
    url: str
    number: int
    token: str
    status_code: int | None
    error: str | None
    forged: str
    at: float
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """A person whom the simulator plays, with things they may say."""

    number: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """A client's device, by its owner: what its WhatsApp says of them, and the script by which it answers by itself (empty: none).

    `username_only` hides the number, so that messages come from `user_id`. `taken` counts how often each rule of the script was used.
    """

    owner: str
    profile_name: str = ""
    user_id: str = ""
    username_only: bool = False
    read_receipts: bool = True
    script: str = ""
    taken: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class File:
    """One medium of a message. `content` is None until it was fetched; whoever knows `token` may read it."""

    sid: str
    message_sid: str
    position: int
    content_type: str
    name: str
    token: str
    url: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A template with its review for WhatsApp. Times are seconds since 1970, UTC; `submitted_at` is None before it was asked for."""

    sid: str
    friendly_name: str
    language: str
    variables: dict[str, str]
    types: dict[str, Any]
    created_at: float
    updated_at: float
    name: str = ""
    category: str = ""
    allow_category_change: bool = True
    status: str = "unsubmitted"
    rejection_reason: str = ""
    submitted_at: float | None = None
    seq: int = 0
