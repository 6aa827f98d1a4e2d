"""Speaks for one reader: in their language, by their clock, with their rights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from base.db import Tx
from base.errors import TratoError
from console import views
from console.formats import tongue_of
from console.rendering import Renderer, iso_day, zone_of
from console.session import Session
from inbox.access import Reader


@dataclass(frozen=True, slots=True)
class Desk:
    """What every part of a screen is built with: the reader, and how to say things to them."""

    renderer: Renderer
    reader: Reader

    def render(self, template: str, **context: object) -> str:
        """One template in the reader's language."""
        return self.renderer.render(template, self.tongue, **context)

    def say(self, msgid: str, **values: object) -> str:
        """A msgid in the reader's language."""
        return self.renderer.translate(self.tongue, msgid, **values)

    def counted(self, one: str, many: str, num: int, **values: object) -> str:
        """A msgid that counts, in the reader's language: its plural is chosen by `num`, which is its ``%(num)s``."""
        return self.renderer.count(self.tongue, one, many, num, **values)

    def told(self, wrong: TratoError) -> str:
        """What is wrong, in the reader's language."""
        sentence, values = wrong.told()
        return self.say(sentence, **values)

    @property
    def tongue(self) -> str:
        """The reader's language, with the country by which their numbers are written."""
        return tongue_of(self.reader.language, self.reader.zone)

    def explain(self, sentence: str, variables: Mapping[str, str]) -> str:
        """A reason of the gate or a carrier in the reader's language, its date as people say it."""
        told = {name: self.renderer.long_date(self.reader.language, text) if name == "date" else text for name, text in variables.items()}
        return self.say(sentence, **told)

    def signed_in(self, session: Session) -> views.Reader:
        """The reader, for the page's frame."""
        reader = self.reader
        return views.Reader(str(reader.agent_id), reader.name, reader.email, reader.role.value, reader.language, session.csrf_token)

    def day_of(self, at: datetime) -> str:
        """The reader's calendar day of a moment."""
        return iso_day(at, self.reader.zone)

    def moment(self, at: datetime) -> str:
        """A moment as the reader says it: their day and their clock."""
        return self.renderer.moment(self.reader.language, at, self.reader.zone)

    def soon(self, at: datetime, now: datetime) -> str:
        """A moment to come by the reader's clock: the hour where it is today, else the day and the hour."""
        zone = self.reader.zone
        local = at.astimezone(zone_of(zone))
        clock = f"{local:%H:%M}"
        return (
            clock if iso_day(at, zone) == iso_day(now, zone) else f"{self.renderer.short_date(self.reader.language, local.date())} {clock}"
        )

    def local(self, at: datetime) -> str:
        """A moment by the reader's clock as a form's field takes it: ``2026-11-30T15:00``."""
        return f"{at.astimezone(zone_of(self.reader.zone)):%Y-%m-%dT%H:%M}"

    def day(self, tx: Tx) -> str:
        """The reader's calendar day: what "today" means on their screen."""
        return iso_day(tx.now, self.reader.zone)
