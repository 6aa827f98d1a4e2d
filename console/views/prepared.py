"""What the settings' page of prepared texts is given: the list by name, one text's preview, and what could be said better."""

from __future__ import annotations

from dataclasses import dataclass

from console.views.composer import Piece, WarningView


@dataclass(frozen=True, slots=True)
class TextView:
    """The newest version of a text in one language. `offered` is the version that agents are given meanwhile, where it is an older one."""

    id: str
    language: str
    language_name: str
    version: int
    approval: str
    reason: str
    category: str | None
    legal: bool
    buttons: tuple[str, ...]
    menu: str
    pieces: tuple[Piece, ...]
    offered: int | None = None


@dataclass(frozen=True, slots=True)
class PreparedView:
    """A prepared text with its languages. `kind` is one of `console.desk.prepared.KINDS`."""

    name: str
    kind: str
    creditor: str
    texts: tuple[TextView, ...]


@dataclass(frozen=True, slots=True)
class PointView:
    """One thing that a text should say, whether it does, and what to add where it does not."""

    label: str
    said: bool
    advice: str


@dataclass(frozen=True, slots=True)
class PreviewChoice:
    """A button or a line of a list in a preview; `over` says by how many characters its title, and its smaller words, are too long."""

    title: str
    about: str
    over: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A text as a client would read it. `segments` are an SMS's, and `costly` the letter that makes it longer."""

    kind: str
    language: str
    pieces: tuple[Piece, ...]
    choices: tuple[PreviewChoice, ...]
    menu: str
    listed: bool
    characters: int
    segments: int
    costly: str
    points: tuple[PointView, ...]
    warnings: tuple[WarningView, ...]
    own_places: tuple[str, ...]
