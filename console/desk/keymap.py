"""The table of keys for one reader: in their language, with the keys they chose and without what their role may not do."""

from __future__ import annotations

from collections.abc import Mapping

from base.words import N_
from console.desk.teller import Desk
from console.keys import BY_ACTION, KEYS, SCOPES, Key
from console.views.palette import KeyView


def key_views(desk: Desk, chosen: Mapping[str, str]) -> list[KeyView]:
    """Every action that the reader's role may do, with its key."""
    return [_key_view(desk, key, chosen) for key in KEYS if desk.reader.writes or not key.acts]


def sheet(desk: Desk, chosen: Mapping[str, str]) -> tuple[tuple[str, tuple[KeyView, ...]], ...]:
    """The same by where it holds, each part with its title."""
    views = key_views(desk, chosen)
    parts = ((title, tuple(one for one in views if one.scope == scope and one.action != "go")) for scope, title in SCOPES.items())
    return tuple((desk.say(title), keys) for title, keys in parts if keys)


def keymap(desk: Desk, chosen: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """What the scripts need of it."""
    return {one.action: {"key": one.key, "scope": one.scope, "fixed": one.fixed, "none": one.none} for one in key_views(desk, chosen)}


def _key_view(desk: Desk, key: Key, chosen: Mapping[str, str]) -> KeyView:
    here = key.key if key.fixed else chosen.get(key.action, key.key)
    return KeyView(
        action=key.action,
        label=desk.say(key.label),
        icon=key.icon,
        scope=key.scope,
        key=here,
        parts=_parts(desk, key, here, chosen),
        fixed=key.fixed,
        changed=here != key.key,
        none=desk.say(key.none),
    )


def _parts(desk: Desk, key: Key, here: str, chosen: Mapping[str, str]) -> tuple[str, ...]:
    if key.scope == "go":
        return (chosen.get("go", BY_ACTION["go"].key).upper(), here.upper())
    names = {"Enter": desk.say(N_("Enter")), "Shift": desk.say(N_("Shift")), "Ctrl": "Ctrl", "Esc": "Esc"}
    return tuple(names.get(part, part.upper()) for part in (here.split("+") if len(here) > 1 else here))
