"""What one line of a timeline is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.views.queue import Direction

EntryKind = Literal["message", "note", "event", "call", "hidden"]


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
