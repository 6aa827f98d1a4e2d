"""What the palette, the sheet of keys and the preferences are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KeyView:
    """One action with its key in parts, such as ``("G", "Q")``. `label` and `none` are in the reader's language."""

    action: str
    label: str
    icon: str
    scope: str
    key: str
    parts: tuple[str, ...]
    fixed: bool
    changed: bool
    none: str


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette. `kind` says what `value` is: an action's name, a client's or a page's path, a list's, language's or theme's name."""

    id: str
    kind: Literal["action", "client", "page", "list", "language", "theme"]
    value: str
    label: str
    icon: str
    detail: str = ""
    keys: tuple[str, ...] = ()
    scope: str = ""


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Lines that belong together."""

    id: str
    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class PaletteView:
    """What was found for `text`; with no text, what there is. `short` says that a client cannot be searched by so few letters."""

    groups: tuple[OptionGroup, ...]
    text: str = ""
    short: bool = False


@dataclass(frozen=True, slots=True)
class PreferencesView:
    """The dialog of preferences. `zones` are (name, label) pairs; `problem` stands beside the field that it is about."""

    language: str
    zone: str
    zones: tuple[tuple[str, str], ...]
    keys_on: bool
    sound: bool
    notify: bool
    undo_seconds: int | None
    density: str
    problem: str = ""
    problem_field: str = ""


@dataclass(frozen=True, slots=True)
class ShellView:
    """What stands around every signed-in page. `keymap` is for the scripts; `session_left` in seconds."""

    role: str
    session_left: int
    keys: tuple[tuple[str, tuple[KeyView, ...]], ...]
    keymap: Mapping[str, Mapping[str, object]]
    palette: PaletteView
    preferences: PreferencesView
