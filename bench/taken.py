"""What was measured at the desk so far, and where: the pages, which conversations are rows of the list, and how often each thing is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.budgets import Figure
from bench.desk_data import Story
from bench.machine import Weather
from bench.screens import Screen, Screens

_ROWS = 45


@dataclass
class Taken:
    """What was measured: milliseconds by figure, of ours and of the floor, and what the machine did meanwhile."""

    ours: dict[str, list[float]] = field(default_factory=dict)
    floor: dict[str, list[float]] = field(default_factory=dict)
    weather: dict[str, Weather] = field(default_factory=dict)

    def add(self, figure: str, ours: float, floor: float | None = None) -> None:
        """One repetition of one figure."""
        self.ours.setdefault(figure, []).append(ours)
        if floor is not None:
            self.floor.setdefault(figure, []).append(floor)

    def figures(self) -> list[Figure]:
        """Everything, ready for telling."""
        return [Figure(name, tuple(ours), tuple(self.floor.get(name, ())), self.weather[name]) for name, ours in self.ours.items()]


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the pages, where figures go, and how often each thing is done."""

    on: Screens
    taken: Taken
    times: int

    @property
    def stories(self) -> Sequence[Story]:
        """Conversations that are rows of the owner's list."""
        return self.on.desks.stories[:_ROWS]

    async def settled(self, screen: Screen) -> None:
        """Wait until a page's live line is open."""
        for _ in range(400):
            if await screen.page.evaluate("() => stopwatch.live()") == "live":
                return
            await screen.page.wait_for_timeout(50)
        raise RuntimeError(f"{screen.page.url} did not come live within 20 s")

    async def at_the_desk(self, story: Story) -> None:
        """The owner's desk with a conversation open, and the floor's."""
        await self.on.owner.load(f"{self.on.url}/c/{story.conversation}?view=mine")
        await self.settled(self.on.owner)
        await self.on.floor.load(f"{self.on.floor_url}/desk")
