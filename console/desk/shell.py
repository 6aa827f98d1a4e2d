"""Builds what stands around every signed-in page: the keys, the palette and the preferences of whoever looks."""

from __future__ import annotations

from functools import cache
from typing import Final

from babel.dates import get_timezone_location

from base.db import Tx
from console.desk.keymap import keymap, sheet
from console.desk.palette import palette_view
from console.desk.teller import Desk
from console.keys import own_keys
from console.rendering import LOCALES, zone_of
from console.session import Session
from console.views.palette import PreferencesView, ShellView
from staff.preferences import Preferences, Seat, read_seat
from staff.sessions import hash_of

# Where people work here; an agent's own zone is added when it is none of these.
ZONES: Final = (
    "America/Bogota",
    "America/Mexico_City",
    "America/Cancun",
    "America/Tijuana",
    "America/Lima",
    "America/Santiago",
    "America/Punta_Arenas",
    "America/Sao_Paulo",
    "America/Manaus",
    "America/Rio_Branco",
    "America/Argentina/Buenos_Aires",
    "America/Montevideo",
    "America/Asuncion",
    "America/La_Paz",
    "America/Guayaquil",
    "America/Caracas",
    "America/Panama",
    "America/Costa_Rica",
    "America/Guatemala",
    "America/El_Salvador",
    "America/Tegucigalpa",
    "America/Managua",
    "America/Santo_Domingo",
    "America/Puerto_Rico",
    "America/New_York",
    "America/Los_Angeles",
    "Europe/Madrid",
    "Europe/Lisbon",
    "UTC",
)


async def shell_view(desk: Desk, tx: Tx, session: Session, problem: tuple[str, str] = ("", "")) -> ShellView:
    """The frame for one session. `problem` is a field of the preferences, and what is wrong with it."""
    return shell_of(desk, await read_seat(tx, hash_of(session.secret)), problem)


def shell_of(desk: Desk, seat: Seat, problem: tuple[str, str] = ("", "")) -> ShellView:
    """As `shell_view`, of what was read already."""
    keys = own_keys(seat.preferences.keys)
    return ShellView(
        role=desk.reader.role.value,
        session_left=seat.session_left,
        keys=sheet(desk, keys),
        keymap=keymap(desk, keys),
        palette=palette_view(desk, keys),
        preferences=_preferences(desk, seat.preferences, problem),
    )


def _preferences(desk: Desk, own: Preferences, problem: tuple[str, str]) -> PreferencesView:
    reader = desk.reader
    return PreferencesView(
        language=reader.language,
        zone=reader.zone,
        zones=zone_names(reader.language, reader.zone),
        keys_on=own.keys_on,
        sound=own.sound,
        notify=own.notify,
        undo_seconds=own.undo_seconds,
        density=own.density,
        problem=problem[1],
        problem_field=problem[0],
    )


@cache
def zone_names(language: str, own: str) -> tuple[tuple[str, str], ...]:
    """Zones as people call them, such as ``Bogotá``, for a list to choose from."""
    names = dict.fromkeys((own, *ZONES))
    return tuple(sorted(((name, _place(name, LOCALES[language])) for name in names), key=lambda pair: pair[1]))


def _place(name: str, locale: str) -> str:
    return get_timezone_location(zone_of(name), locale=locale, return_city=True).rpartition("/")[2]
