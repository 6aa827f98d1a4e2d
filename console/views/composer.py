"""What the place where an agent writes is given."""

from __future__ import annotations

from dataclasses import dataclass


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
