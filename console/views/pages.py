"""What whole pages are given: the desk, the door, a failure."""

from __future__ import annotations

from dataclasses import dataclass

from console.views.composer import ComposerView
from console.views.entries import EntryView
from console.views.panel import PanelView
from console.views.queue import ConversationState, QueueView


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
