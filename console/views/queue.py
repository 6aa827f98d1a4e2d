"""What a list of conversations is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

QueueName = Literal["mine", "unassigned", "team", "triage"]
ConversationState = Literal["open", "triage", "closed"]
Direction = Literal["in", "out"]

QUEUES: Final[tuple[QueueName, ...]] = ("mine", "unassigned", "team", "triage")
COUNT_CAP: Final = 99


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
