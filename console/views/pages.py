"""What whole pages are given: the desk, the door, a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from console.views.composer import ComposerView
from console.views.entries import StoryView
from console.views.palette import ShellView
from console.views.panel import PanelView
from console.views.queue import NOTHING_NEW, ConversationState, MeView, QueueView


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
class DoubtView:
    """An address at which the client may have asked for no more messages, with the entry in which they may have. `kept` is why it is not the
    reader's to say that they did not."""

    address_id: str
    entry_id: str
    channel: str
    masked: str
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationView:
    """One conversation, opened. Of what only accompanies a timeline, a live header or panel, `story` is None. `doubt` is what an agent is asked."""

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
    story: StoryView | None
    composer: ComposerView
    panel: PanelView
    may_act: bool = True
    team: str | None = None
    snoozed_until: datetime | None = None
    disposition: str | None = None
    zone: str = "UTC"
    doubt: DoubtView | None = None


@dataclass(frozen=True, slots=True)
class DeskView:
    """The whole first screen: a list, and a conversation when one is open."""

    reader: Reader
    queue: QueueView
    conversation: ConversationView | None = None
    shell: ShellView = field(kw_only=True)
    me: MeView = NOTHING_NEW


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
