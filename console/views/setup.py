"""What the settings' pages are given: forms with what was filled in and what is not right yet, steps, lists, and reports of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.views.pages import Reader


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody filled in, by field, and a sentence beside each field that is not right yet."""

    values: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The text of a field."""
        return self.values.get(name, "")

    def problem(self, name: str) -> str:
        """What is not right about a field, or nothing."""
        return self.problems.get(name, "")

    def has(self, name: str, value: str) -> bool:
        """Whether a box of a group is ticked."""
        return value in self.chosen.get(name, ())


@dataclass(frozen=True, slots=True)
class FrameView:
    """The frame of the settings: who looks, which section is open, whether all sections are theirs, and a word on what was just done."""

    reader: Reader
    section: str
    all_sections: bool
    done: str = ""


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the first run. `facts` say what is there; `open` marks the one to take next. An `optional` one keeps nobody waiting."""

    key: str
    icon: str
    title: str
    lead: str
    href: str
    action: str
    done: bool
    open: bool
    facts: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class CreditorRow:
    """A creditor in the list, its country and type in words."""

    id: str
    name: str
    type: str
    country: str
    tax_id: str
    first_party: bool
    whatsapp: bool
    teams: tuple[str, ...]
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team: who is in it and which portfolios it serves."""

    id: str
    name: str
    members: tuple[str, ...]
    creditors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgentRow:
    """Somebody who works here. `invited_until` is when their link ends, while it works; `me` is the reader."""

    id: str
    name: str
    email: str
    role: str
    language: str
    teams: tuple[str, ...]
    active: bool
    came: bool
    invited_until: datetime | None
    zone: str
    me: bool


@dataclass(frozen=True, slots=True)
class LinkView:
    """An invitation, shown once."""

    name: str
    email: str
    url: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of a file that is being looked at: its number in the file, its cells as they were read, what would come of it, what is wrong, by
    column, and what is right but must be looked at."""

    number: int
    cells: tuple[str, ...]
    outcome: str
    tone: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileReport:
    """A dry run: nothing was changed. `text` is the file, to be sent again by who agrees; without problems it may be imported. `unread` are the
    headings of columns that nobody reads; `asked` is how many rows somebody must have looked at first."""

    columns: tuple[str, ...]
    rows: tuple[FileRow, ...]
    text: str
    total: int
    wrong: int
    summary: str
    problem: str = ""
    unread: tuple[str, ...] = ()
    asked: int = 0


@dataclass(frozen=True, slots=True)
class NumberView:
    """A number of ours, and what is known of it."""

    channel: str
    address: str
    account: str
    simulated: bool
    label: str
    creditor: str
    tested_at: datetime | None
    recorded: bool
    form: Form


@dataclass(frozen=True, slots=True)
class TestView:
    """A test message on its way; `final` ones are not asked about any more."""

    id: str
    state: str
    final: bool
    reason: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A client that can be opened."""

    conversation_id: str
    name: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """Why some clients cannot be contacted, in the reader's words, and who the first are."""

    rule: str
    title: str
    sentence: str
    count: int
    people: tuple[PersonLink, ...]


@dataclass(frozen=True, slots=True)
class ContactableView:
    """Who can be contacted today. `share` is of a hundred."""

    total: int
    now: int
    share: int
    channels: tuple[tuple[str, int], ...]
    reasons: tuple[ReasonView, ...]
    first: str | None
