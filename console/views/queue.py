"""What a list of conversations is given, and what one agent is told beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

QueueName = Literal["mine", "unassigned", "team", "mentions", "snoozed", "triage", "closed"]
ConversationState = Literal["open", "triage", "closed", "own"]
Direction = Literal["in", "out"]

QUEUES: Final[tuple[QueueName, ...]] = ("mine", "unassigned", "team", "mentions", "snoozed", "triage", "closed")
COUNT_CAP: Final = 99


@dataclass(frozen=True, slots=True)
class Chip:
    """The one thing about a queue row that cannot wait. `kind` is ok, warn, bad, info or quiet; `label` is in the reader's language.

    With `since` or `until` the label is a span of time that the page counts on by itself; `hint` then says of what, for who does not see it.
    """

    kind: Literal["ok", "warn", "bad", "info", "quiet"]
    label: str
    icon: str | None = None
    hint: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One conversation in a list. `preview` is its last line, in `language` when that is known; `revision` the conversation's. `left` says why it
    is in the list no more."""

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
    kind: str | None = None
    left: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """The beginning of one list; `key` names it with its length, `longer` the same with more at its end where there is more.

    `digest` names exactly these rows in this order; counts above `COUNT_CAP` are shown as "99+". `takes` is whether the reader may take clients.
    """

    name: QueueName
    key: str
    rows: tuple[QueueRow, ...]
    digest: str
    counts: Mapping[str, int]
    selected_id: str | None = None
    takes: bool = True
    longer: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something that one agent should know. `who` is the client's name, `initials` all of it that may leave the page."""

    id: str
    kind: str
    conversation_id: str
    text: str
    who: str
    initials: str
    at: datetime
    zone: str
    seen: bool


@dataclass(frozen=True, slots=True)
class MeView:
    """What one agent is told: how many of their conversations have an unread word, how many notices are new, the newest of both.

    `word` names the newest unread word (it changes with each) and `word_at` when it came; `word_text` is fit to be shown outside the page: initials only.
    """

    digest: str
    unread: int
    unseen: int
    notices: tuple[NoticeView, ...]
    word: str = ""
    word_at: datetime | None = None
    word_text: str = ""
    word_conversation: str = ""


NOTHING_NEW: Final = MeView("", 0, 0, ())


@dataclass(frozen=True, slots=True)
class ToastView:
    """What an act did with which `client`, and how it is taken back: `undo` is its event's id, None where there is nothing to take back.
    `record` is the path of a promise or payment, under its conversation's, that is taken back instead."""

    conversation_id: str
    text: str
    undo: str | None = None
    menu: str | None = None
    record: str | None = None
    client: str = ""
