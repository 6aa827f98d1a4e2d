"""Builds the palette for one reader: what can be done, whom it can find, where one can go. Whoever only reads is offered no acts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from base.db import Tx
from base.words import N_
from console.desk.keymap import key_views
from console.desk.teller import Desk
from console.keys import own_keys
from console.views.palette import KeyView, Option, OptionGroup, PaletteView
from inbox.matching import Found, search_clients
from staff.models import Role
from staff.preferences import read_preferences

SHORTEST: Final = 2
MOST_CLIENTS: Final = 7
LISTS: Final = (
    ("mine", N_("Mine"), "inbox"),
    ("unassigned", N_("Unassigned"), "inbox"),
    ("team", N_("Team"), "users"),
    ("mentions", N_("Mentions"), "at-sign"),
    ("snoozed", N_("Snoozed ones"), "alarm-clock"),
    ("triage", N_("Triage"), "circle-help"),
    ("closed", N_("Closed ones"), "close"),
)
THEMES: Final = (
    ("light", N_("Light theme"), "sun"),
    ("dark", N_("Dark theme"), "moon"),
    ("auto", N_("Theme of this device"), "monitor"),
)
# Each by its own name, so that whoever is lost in another language finds theirs.
TONGUES: Final = (("es", "Español"), ("pt", "Português"), ("en", "English"))
_ORDER: Final = ("conversation", "composer", "list", "anywhere", "go")


def palette_view(desk: Desk, keys: dict[str, str], text: str = "", clients: Sequence[Option] = (), *, is_open: bool = True) -> PaletteView:
    """What there is for a text, acts for the open client first. `clients` were found by the text already."""
    actions = [one for one in key_views(desk, keys) if one.action not in ("go", "palette", "back", "open")]
    about = [one for one in actions if one.scope in ("conversation", "composer")] if is_open else []
    rest = [one for one in actions if one.scope not in ("conversation", "composer")]
    groups = [
        OptionGroup("act", desk.say(N_("This conversation")), _fit(text, _acts(about))),
        OptionGroup("clients", desk.say(N_("Clients")), tuple(clients)),
        OptionGroup("move", desk.say(N_("Move and go")), _fit(text, _acts(rest))),
        OptionGroup("lists", desk.say(N_("Lists")), _fit(text, _lists(desk))),
        OptionGroup("pages", desk.say(N_("Settings")), _fit(text, _pages(desk))),
        OptionGroup("languages", desk.say(N_("Language")), _fit(text, _tongues(desk))),
        OptionGroup("themes", desk.say(N_("Theme")), _fit(text, _themes(desk))),
    ]
    return PaletteView(tuple(group for group in groups if group.options), text, short=len(text.strip()) < SHORTEST)


async def palette_options(desk: Desk, tx: Tx, text: str, *, is_open: bool) -> PaletteView:
    """As `palette_view`, with the reader's keys and the clients that the text names."""
    own = await read_preferences(tx, desk.reader.agent_id)
    return palette_view(desk, own_keys(own.keys), text, await _clients(desk, tx, text), is_open=is_open)


async def _clients(desk: Desk, tx: Tx, text: str) -> list[Option]:
    """Who is found by a text of some length."""
    if len(text.strip()) < SHORTEST:
        return []
    return [_client(desk, one) for one in await search_clients(tx, desk.reader, text, MOST_CLIENTS)]


def _client(desk: Desk, found: Found) -> Option:
    about = [found.ref, found.address, *found.portfolios]
    return Option(
        id=f"client-{found.conversation_id}",
        kind="client",
        value=f"/c/{found.conversation_id}",
        label=found.name or desk.say(N_("Unknown number")),
        icon="user",
        detail=" · ".join(one for one in about if one),
    )


def _acts(keys: Iterable[KeyView]) -> list[Option]:
    ordered = sorted(keys, key=lambda one: _ORDER.index(one.scope))
    return [Option(f"act-{one.action}", "action", one.action, one.label, one.icon, keys=one.parts, scope=one.scope) for one in ordered]


def _lists(desk: Desk) -> list[Option]:
    return [Option(f"list-{name}", "list", name, desk.say(label), icon) for name, label, icon in LISTS]


def _pages(desk: Desk) -> list[Option]:
    own = [Option("page-preferences", "action", "preferences", desk.say(N_("My preferences")), "sliders")]
    if desk.reader.role in (Role.ADMIN, Role.SUPERVISOR):
        own.append(Option("page-settings", "page", "/setup", desk.say(N_("Settings of the organisation")), "settings"))
    return own


def _tongues(desk: Desk) -> list[Option]:
    others = [(code, name) for code, name in TONGUES if code != desk.reader.language]
    return [Option(f"language-{code}", "language", code, name, "languages", desk.say(N_("Language"))) for code, name in others]


def _themes(desk: Desk) -> list[Option]:
    return [Option(f"theme-{code}", "theme", code, desk.say(label), icon) for code, label, icon in THEMES]


def _fit(text: str, options: list[Option]) -> tuple[Option, ...]:
    """The options in whose words every word of the text begins one, or stands anywhere when it is long enough to mean something."""
    wanted = _plain(text).split()
    return tuple(option for option in options if all(_is_in(word, _plain(f"{option.label} {option.detail}")) for word in wanted))


def _is_in(word: str, told: str) -> bool:
    return any(one.startswith(word) for one in told.replace("/", " ").split()) or (len(word) > SHORTEST and word in told)


def _plain(text: str) -> str:
    """Lower case without accents, so that "sesion" finds "sesión"."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
