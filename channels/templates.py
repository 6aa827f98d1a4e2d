"""Templates that a carrier registers before they may be sent: reviewed ones for any time, others for a client who has just written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

APPROVALS = ("unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled")


@dataclass(frozen=True, slots=True)
class Registered:
    """A template as the carrier knows it. `approval` is one of `APPROVALS`; `places` are its numbers in order; `titles` are the words on its
    buttons or on the lines of its list, in order."""

    content_id: str
    name: str
    language: str
    body: str
    places: tuple[str, ...]
    approval: str
    category: str | None = None
    reason: str | None = None
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of a list that a client opens: the id that comes back when it is chosen, its words, and smaller ones below."""

    id: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A template to be registered. `body` has the carrier's numbers (``{{1}}``); `samples` are values for a reviewer to imagine it by;
    `buttons` are pairs of id and words on it. `lines` are a list's, which `menu` opens. One that is not `reviewed` needs nobody's approval
    and has no category: the channel takes it only as an answer to a client's word."""

    name: str
    language: str
    category: str
    body: str
    samples: Mapping[str, str]
    buttons: tuple[tuple[str, str], ...] = ()
    media_url: str = ""
    lines: tuple[ListLine, ...] = ()
    menu: str = ""
    reviewed: bool = True


class TemplateBook(Protocol):
    """What a channel with registered templates offers beside `Adapter`."""

    async def register(self, registration: Registration) -> str:
        """Have a template made, and reviewed where that is asked; returns the carrier's id of it. Raises `TryAgain`, `Refused` or `Unconfirmed`."""

    def registered(self) -> AsyncIterator[Registered]:
        """Every template of the account with its approval. Raises `TryAgain` or `Refused`."""
        ...
