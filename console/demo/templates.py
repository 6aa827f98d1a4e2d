"""The demo's prepared texts: WhatsApp templates that a carrier reviews, lists and buttons that nobody does, and canned replies. Kind words only;
named places as everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from base.db import Tx
from console.demo.scenes import FOLDER
from inbox.access import Reader
from inbox.authoring import CANNED, TEMPLATE, NewTemplate, record_template
from inbox.choices import LIST, REPLY

# Approved at first, and paused by the carrier afterwards, so that it can be seen what that looks like. Another one is rejected at once.
PAUSED, REJECTED = "novedades_cuenta", "resumen_corto"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared text as it was recorded, for the messages that used it."""

    id: UUID
    text: NewTemplate


def prepared_texts() -> Iterator[NewTemplate]:
    """All of them, as they stand in the file."""
    for line in (FOLDER / "prepared.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            continue
        kind, name, language, body, *choices = (part.strip() for part in line.split(" | "))
        menu = choices.pop(0)[2:] if choices and choices[0].startswith("= ") else None
        buttons = [_choice(one, REPLY if menu is None else LIST, f"{name}_{number}") for number, one in enumerate(choices, 1)]
        channel = None if kind == CANNED else "whatsapp"
        yield NewTemplate(kind, name, language, body, channel, "UTILITY" if kind == TEMPLATE else None, buttons, menu)


def _choice(words: str, kind: str, name: str) -> dict[str, str]:
    title, _, smaller = words.partition(" > ")
    return {"type": kind, "id": name, "title": title} | ({"description": smaller} if smaller else {})


async def write_prepared(tx: Tx, author: Reader) -> dict[tuple[str, str], Prepared]:
    """Record them all; returns the WhatsApp ones by name and language."""
    recorded = {(new.kind, new.name, new.language): Prepared(await record_template(tx, author, new), new) for new in prepared_texts()}
    return {(name, language): one for (kind, name, language), one in recorded.items() if kind == TEMPLATE}
