"""What the carrier keeps: messages of both directions, its calls to the product, and the people it plays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message in either direction as the carrier knows it. Times are seconds since 1970, UTC; `validity_period` is in seconds."""

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
    seq: int = 0

    @property
    def party(self) -> str:
        """The client's number, whichever way the message goes."""
        return str(self.sender) if self.direction == "inbound" else self.recipient


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
