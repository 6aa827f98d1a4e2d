"""What the place where an agent writes is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ComposerMode = Literal["message", "note"]


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """One way to write to the client. A closed one is shown with its reason, never hidden.

    `templates` says that only a registered template may open it; `until` is when free text ends there. A `quiet` one was never there to begin
    with: its reason is told when it is asked for.
    """

    channel: str
    label: str
    open: bool
    reason: str | None = None
    rule: str | None = None
    until: datetime | None = None
    templates: bool = False
    to: tuple[AddressChoice, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class AddressChoice:
    """One of several addresses of a channel, masked; `best` is the one that is written to unless the agent picks another."""

    id: str
    masked: str
    status: str
    best: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a template's words: plain text, or a place (`name`) with its value, or missing."""

    text: str
    name: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A named place of a template that the agent may fill: its words, its value ("" when nothing is known). A `fixed` one is the account's own."""

    name: str
    label: str
    value: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A button below a text, or a line of a list with smaller words `about` it."""

    title: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class DebtChoice:
    """One of several accounts that a template may speak of."""

    ref: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class OfferView:
    """A prepared text in the picker. `blocked` says in words why it cannot be sent now; `menu` is what opens its list."""

    id: str
    name: str
    kind: Literal["template", "session", "canned"]
    channel: str | None
    language: str
    category: str | None
    approval: str
    pieces: tuple[Piece, ...]
    buttons: tuple[ChoiceView, ...] = ()
    menu: str = ""
    places: tuple[PlaceView, ...] = ()
    media_url: str | None = None
    blocked: str | None = None
    debts: tuple[DebtChoice, ...] = ()

    @property
    def words(self) -> str:
        """The filled text; places without a value keep their name in braces, and are refused when sent."""
        return "".join(f"{{{{{piece.name}}}}}" if piece.missing else piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ElsewhereView:
    """A prepared text that was meant and belongs to another channel; `hint` says how it is got to."""

    id: str
    name: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileView:
    """A file that waits in a draft. `size` is in bytes."""

    id: str
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class HeldView:
    """A message that may still be taken back until `due_at`."""

    message_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class WarningView:
    """A phrase that a client should rather not read, and what to say instead."""

    phrase: str
    why: str
    instead: str | None


@dataclass(frozen=True, slots=True)
class ComposerView:
    """Where the agent writes. `client_token` is a UUID that makes a second press the same message; `text` a kept draft or a refused text;
    `problem` says beside the field why it did not go. `to` is the id of the address that the agent picked; `draft_at` when the server kept the
    draft and `draft_by` from which tab; `later` a moment that was chosen for it, told in the client's `zone`; `aside` the words of the other
    mode. `language` is the client's. The channels are as they were at `revision`; the writer had seen the story up to `seen_revision`."""

    conversation_id: str
    client_token: str
    seen_revision: int
    channels: tuple[ChannelChoice, ...]
    text: str = ""
    problem: str | None = None
    problem_rule: str | None = None
    mode: ComposerMode = "message"
    wanted: str | None = None
    template: OfferView | None = None
    files: tuple[FileView, ...] = ()
    held: HeldView | None = None
    planned: HeldView | None = None
    to: str | None = None
    draft_at: datetime | None = None
    draft_by: str = ""
    language: str | None = None
    later: datetime | None = None
    zone: str = "UTC"
    writes: bool = True
    focus: bool = False
    aside: str = ""
    revision: int = 0

    @property
    def chosen(self) -> ChannelChoice | None:
        """The channel that is written to: the wanted one while it can be, else the first open one, else the first that a template opens.

        What was begun for one channel stays with it when it closes: words written for WhatsApp never leave by SMS unless somebody says so.
        """
        begun = (self.text if self.mode == "message" else self.aside).strip() or self.template or self.files
        usable = [choice for choice in self.channels if choice.open or choice.templates]
        wanted = next((choice for choice in (self.channels if begun else usable) if choice.channel == self.wanted), None)
        return wanted or next((choice for choice in usable if choice.open), None) or next(iter(usable), None)

    @property
    def barred(self) -> bool:
        """Whether nothing can be sent as it stands: no channel, or one that has closed."""
        return self.mode == "message" and not (self.chosen and (self.chosen.open or self.chosen.templates))


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment at which a message may be sent later: a name where it has one, the time in the client's zone, or why not."""

    value: str
    at: datetime
    label: str
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """When a message may go: moments in the client's zone, and the bounds of a freely chosen one."""

    conversation_id: str
    zone: str
    place: str | None
    moments: tuple[Moment, ...]
    earliest: str
    latest: str
    texts: Mapping[str, str]
