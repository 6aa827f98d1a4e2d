"""The demo's prepared texts: WhatsApp templates that a carrier reviews, and canned replies. Kind words only; named places as everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from base.db import Tx
from console.demo.scenes import FOLDER
from inbox.access import Reader
from inbox.authoring import TEMPLATE, NewTemplate, record_template

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
        kind, name, language, body, *titles = (part.strip() for part in line.split(" | "))
        buttons = [{"type": "reply", "id": f"{name}_{number}", "title": title} for number, title in enumerate(titles, 1)]
        channel, category = ("whatsapp", "UTILITY") if kind == TEMPLATE else (None, None)
        yield NewTemplate(kind, name, language, body, channel, category, buttons)


async def write_prepared(tx: Tx, author: Reader) -> dict[tuple[str, str], Prepared]:
    """Record them all; returns the WhatsApp ones by name and language."""
    recorded = {(new.kind, new.name, new.language): Prepared(await record_template(tx, author, new), new) for new in prepared_texts()}
    return {(name, language): one for (kind, name, language), one in recorded.items() if kind == TEMPLATE}
