"""What the pages are given: plain values, already projected on the server for one reader. No rows, no sessions, no secrets.

Whoever fills these has masked and translated before: a template shows what it gets. Times are aware UTC datetimes, `zone` is the reader's
IANA zone, money is `Decimal` with its ISO 4217 currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

QueueName = Literal["mine", "unassigned", "team", "triage"]
ConversationState = Literal["open", "triage", "closed"]
Direction = Literal["in", "out"]
EntryKind = Literal["message", "note", "event", "call", "hidden"]

QUEUES: Final[tuple[QueueName, ...]] = ("mine", "unassigned", "team", "triage")
COUNT_CAP: Final = 99


@dataclass(frozen=True, slots=True)
class Reader:
    """The agent who looks. `language` is es, pt or en; `role` agent, supervisor, reviewer or admin."""

    agent_id: str
    name: str
    email: str
    role: str
    language: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Chip:
    """The one thing about a queue row that cannot wait. `kind` is ok, warn, bad or info; `label` is in the reader's language."""

    kind: Literal["ok", "warn", "bad", "info"]
    label: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One conversation in a list. `preview` is its last line; `revision` the conversation's."""

    id: str
    revision: int
    name: str
    preview: str
    preview_direction: Direction | None
    channel: str | None
    at: datetime | None
    zone: str
    unread: bool
    state: ConversationState
    assignee: str | None
    mine: bool
    chip: Chip | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """A window of one list. `digest` names exactly these rows in this order; counts above `COUNT_CAP` are shown as "99+"."""

    name: QueueName
    rows: tuple[QueueRow, ...]
    digest: str
    counts: Mapping[str, int]
    selected_id: str | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the timeline.

    `text` of an event is a whole sentence in the reader's language; of a hidden entry it is empty. `error` says in that language why a
    message failed or was withheld, `verdict_rule` names the rule that said so. `language` is the text's own, when known.
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


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """One way to write to the client. A closed one is shown with its reason, never hidden."""

    channel: str
    label: str
    open: bool
    reason: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class ComposerView:
    """Where the agent writes. `client_token` is a UUID that makes a second press the same message; `text` a kept draft or a refused text;
    `problem` says beside the field why it did not go."""

    conversation_id: str
    client_token: str
    seen_revision: int
    channels: tuple[ChannelChoice, ...]
    to_masked: str | None
    text: str = ""
    problem: str | None = None
    problem_rule: str | None = None

    @property
    def chosen(self) -> ChannelChoice | None:
        """The first open channel: the one written to unless the agent picks another."""
        return next((choice for choice in self.channels if choice.open), None)


@dataclass(frozen=True, slots=True)
class AddressView:
    """One address, masked. `status` is good, unproven, soft_bounce, hard_bounce, opted_out, wrong_party or invalid."""

    channel: str
    masked: str
    status: str


@dataclass(frozen=True, slots=True)
class DebtView:
    """One debt as this reader may see it; what they may not see is None."""

    creditor: str
    product_last4: str | None
    total_due: Decimal | None
    minimum_due: Decimal | None
    currency: str
    due_on: date | None
    days_past_due: int | None
    payment_reference: str | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """Who we speak with, beside the timeline. `zone` is the client's IANA zone, `place` what a person calls it ("Bogotá")."""

    conversation_id: str
    revision: int
    name: str
    ref: str | None
    zone: str
    place: str | None
    addresses: tuple[AddressView, ...]
    debts: tuple[DebtView, ...]
    language: str | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation, opened. `older_before` is the position to ask older entries by, None at the beginning."""

    id: str
    revision: int
    debtor_name: str
    phone_masked: str | None
    state: ConversationState
    assignee: str | None
    mine: bool
    portfolio: str | None
    language: str | None
    local_time_zone: str
    entries: tuple[EntryView, ...]
    older_before: int | None
    composer: ComposerView
    panel: PanelView
    may_act: bool = True


@dataclass(frozen=True, slots=True)
class DeskView:
    """The whole first screen: a list, and a conversation when one is open."""

    reader: Reader
    queue: QueueView
    conversation: ConversationView | None = None


@dataclass(frozen=True, slots=True)
class SignInView:
    """The door. `problem` is in the page's language; `next` a path of this site to go to afterwards."""

    csrf_token: str = ""
    problem: str | None = None
    email: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True)
class ErrorView:
    """Something did not work: what, what to do next, and the reference that finds it in the log."""

    title: str
    message: str
    reference: str | None = None
