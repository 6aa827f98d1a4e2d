"""What the demo's people say: pools of short scenes, read from the texts beside this file, with their places and choices filled in."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
US, CLIENT, TEMPLATE, NOTE, PROMISE, PAYMENT, FILE = ">", "<", "T", "N", "P", "$", "F"
OURS = (US, TEMPLATE)
SPOKEN = (US, CLIENT, TEMPLATE, FILE)
_LINE = re.compile(r"([><TNP$F]) (\d+) ?(.*)")
_CHOICE = re.compile(r"\[([^\]|]+(?:\|[^\]|]+)+)\]")
_DAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "pt": ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"),
}
_HELLO = {"es": ("Buenos días", "Buenas tardes", "Buenas noches"), "pt": ("Bom dia", "Boa tarde", "Boa noite")}
_SHORT = {"es": ("Hola", "Buenas"), "pt": ("Oi", "Olá")}


@dataclass(frozen=True, slots=True)
class Beat:
    """One line of a scene: who or what, minutes after the line before, and the words."""

    kind: str
    gap: int
    text: str


Scene = tuple[Beat, ...]


@cache
def pools(language: str) -> Mapping[str, tuple[Scene, ...]]:
    """All scenes of a language by pool. Raises `ValueError` for a line that is none."""
    found: dict[str, list[list[Beat]]] = {}
    pool: list[list[Beat]] = []
    for number, line in enumerate((FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("## "):
            pool = found.setdefault(line[3:].strip(), [])
            pool.append([])
        elif not line.strip():
            if pool and pool[-1]:
                pool.append([])
        elif not line.startswith("# "):
            pool[-1].append(_beat(line, number))
    return {name: tuple(tuple(scene) for scene in scenes if scene) for name, scenes in found.items()}


def _beat(line: str, number: int) -> Beat:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"line {number} is no line of a scene: {line!r}")
    return Beat(match[1], int(match[2]), match[3])


def has_file(scene: Scene) -> bool:
    """Whether the client sends a file in it."""
    return any(beat.kind == FILE for beat in scene)


def first_spoken(scene: Scene) -> str:
    """Who or what begins it."""
    return next(beat.kind for beat in scene if beat.kind in SPOKEN)


def last_spoken(scene: Scene) -> str:
    """Who or what ends it."""
    return next(beat.kind for beat in reversed(scene) if beat.kind in SPOKEN)


def begins_freely(scene: Scene) -> bool:
    """Whether we begin it in words of our own, which WhatsApp does not let through without a word of the client's before."""
    return first_spoken(scene) == US


def chosen(text: str, chance: random.Random) -> str:
    """The text with one of each choice."""
    return _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), text)


def hello(language: str, at: datetime, chance: random.Random, *, formal: bool) -> str:
    """A greeting that fits the hour of a local moment; clients greet as they like."""
    if not formal and chance.random() < 0.5:
        return chance.choice(_SHORT[language])
    return _HELLO[language][0 if at.hour < 12 else 1 if at.hour < 19 else 2]


def weekday(language: str, day: date) -> str:
    """The name of a day."""
    return _DAYS[language][day.weekday()]
