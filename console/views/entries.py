"""What one line of a timeline is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from console.views.composer import ChoiceView
from console.views.queue import Direction

EntryKind = Literal["message", "note", "event", "call", "promise", "payment", "hidden"]
Show = Literal["all", "messages", "notes", "calls", "payments", "decisions"]
SHOWS: Final[tuple[Show, ...]] = ("all", "messages", "notes", "calls", "payments", "decisions")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWS_OF: Mapping[str, str] = {"message": "messages", "note": "notes", "call": "calls", "promise": "payments", "payment": "payments"}


@dataclass(frozen=True, slots=True)
class MediaView:
    """An attachment. `kind` is how it is shown; `state` pending, kept or failed; `size` in bytes; `error` in the reader's language."""

    id: str
    kind: Literal["photo", "sound", "file"]
    state: str
    name: str
    size: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteView:
    """The message that is answered: who said it, its beginning, and where it stands in the timeline."""

    id: str
    at: int
    position: int
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class TemplateBadge:
    """The registered text that a message was: name, language code, category, and the address of the picture or file that goes along. `kind` is
    ``template``, or ``list`` or ``buttons`` for what nobody reviewed."""

    name: str
    language: str
    category: str | None
    media_url: str | None = None
    kind: str = "template"


@dataclass(frozen=True, slots=True)
class MoneyView:
    """A promise or a payment. `on` is the day in the client's calendar, `origin` the channel it was made on."""

    amount: Decimal
    currency: str
    on: date
    state: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class RulingView:
    """What a colleague found out about an unconfirmed message; `overruled` where the carrier said otherwise later."""

    by: str
    arrived: bool
    at: datetime
    overruled: bool


@dataclass(frozen=True, slots=True)
class SpotView:
    """A place that a client shared, in degrees, and what it is called."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the timeline.

    `text` of an event is a whole sentence in the reader's language; of a hidden entry it is empty. `error` says in that language why a
    message failed or was withheld, `verdict_rule` names the rule that said so. `language` is the text's own, when known. `pieces` are the text
    of a note, each with whether it names a colleague. `hold` says why a queued message waits until `due_at`: undo or schedule. `shifts` says that
    other entries came or went with this one.
    """

    id: str
    position: int
    revision: int
    kind: EntryKind
    text: str
    at: datetime
    zone: str
    channel: str | None = None
    direction: Direction | None = None
    state: str | None = None
    agent: str | None = None
    error: str | None = None
    segments: int | None = None
    verdict_rule: str | None = None
    can_retry: bool = False
    language: str | None = None
    conversation_id: str = ""
    client_zone: str | None = None
    may_act: bool = False
    hold: str | None = None
    due_at: datetime | None = None
    ruling: RulingView | None = None
    template: TemplateBadge | None = None
    buttons: tuple[ChoiceView, ...] = ()
    menu: str = ""
    press: str | None = None
    from_list: bool = False
    spot: SpotView | None = None
    forwarded: bool = False
    may_opt_out: bool = False
    quote: QuoteView | None = None
    media: tuple[MediaView, ...] = ()
    money: MoneyView | None = None
    pieces: tuple[tuple[str, bool], ...] = ()
    seconds: int | None = None
    outcome: str | None = None
    icon: str = "info"
    decision: bool = False
    shifts: bool = False

    @property
    def sort(self) -> int:
        """Epoch microseconds of `at`: what the page orders by."""
        return (self.at - _EPOCH) // timedelta(microseconds=1)

    @property
    def shows(self) -> str:
        """The choices of `SHOWS` that this line belongs to beside all, separated by spaces."""
        names = [_SHOWS_OF.get(self.kind, ""), "decisions" if self.decision else ""]
        return " ".join(name for name in names if name)


@dataclass(frozen=True, slots=True)
class StoryView:
    """The part of a timeline that is on the page, as it is swapped whole. `first_day` and `last_day` are ISO days of the reader's calendar between
    which it can be jumped; `anchor` is the entry to look at, where one was asked for."""

    conversation_id: str
    revision: int
    entries: tuple[EntryView, ...]
    older: bool
    newer: bool = False
    show: Show = "all"
    anchor: str | None = None
    zone: str = "UTC"
    first_day: str | None = None
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """Something a carrier told of a message: its state's code, or the carrier's own word where we have none; and when."""

    word: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MoreView:
    """What is shown of a message on demand. `encoding` is GSM-7 or UCS-2; `template` is the text that it was filled from, as it stood in
    `template_version`, and `values` what each place of it got, in the text's order."""

    at: datetime
    zone: str
    client_zone: str | None
    carrier_at: datetime | None
    carrier_id: str | None
    encoding: str | None
    segments: int | None
    steps: tuple[StepView, ...] = field(default=())
    rule: str | None = None
    error_code: str | None = None
    template: str | None = None
    template_version: int | None = None
    values: tuple[tuple[str, str], ...] = ()
