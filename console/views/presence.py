"""What the line about colleagues at a conversation is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PersonHere:
    """A colleague at a conversation: only looking, or writing."""

    agent_id: str
    name: str
    doing: Literal["viewing", "writing"]


@dataclass(frozen=True, slots=True)
class PresenceView:
    """Everybody at a conversation, the reader included; `seen` names exactly this picture."""

    conversation_id: str
    people: tuple[PersonHere, ...]

    @property
    def seen(self) -> str:
        """Who does what, as one word."""
        return ",".join(f"{person.agent_id[-12:]}-{person.doing[0]}" for person in self.people) or "nobody"
