"""How somebody wants their desk: keys, sounds, density, time to undo, language and zone. What is stored was checked here."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, field
from typing import Any, Final
from uuid import UUID
from zoneinfo import available_timezones

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from staff.people import LANGUAGES

# Letters that a keyboard gives without AltGr, ñ and ç among them; signs differ from board to board.
ALLOWED: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789ñç")
UNDO_SECONDS: Final = (0, 2, 5, 10, 20)
DENSITIES: Final = ("comfortable", "compact")


class KeyTaken(InvalidField):
    """Another action of the same group has this key already; `other` is that action."""

    def __init__(self, action: str, key: str, other: str) -> None:
        super().__init__(f"keys.{action}", N_("this key is taken"))
        self.action = action
        self.key = key
        self.other = other


@dataclass(frozen=True, slots=True)
class Preferences:
    """One agent's choices. `keys` holds only what differs from the table; `undo_seconds` None leaves the time to the kind of message."""

    keys: Mapping[str, str] = field(default_factory=dict)
    keys_on: bool = True
    sound: bool = False
    notify: bool = False
    undo_seconds: int | None = None
    density: str = "comfortable"


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent's choices, and the seconds until their session ends whatever they do."""

    preferences: Preferences
    session_left: int


async def read_preferences(tx: Tx, agent: UUID) -> Preferences:
    """One agent's choices; what was never chosen is as it comes."""
    return _of(await tx.value("select preferences from agent where org_id = :org and id = :agent", agent=agent))


async def read_seat(tx: Tx, session_hash: bytes) -> Seat:
    """The choices of whoever is signed in with this session, and its time left by the database's clock."""
    row = await tx.row(
        "select a.preferences, greatest(0, ceil(extract(epoch from s.ends_at - clock_timestamp()))) as seconds from agent_session s"
        " join agent a on a.org_id = s.org_id and a.id = s.agent_id where s.org_id = :org and s.id_hash = :hash",
        hash=session_hash,
    )
    return Seat(_of(row.preferences), int(row.seconds)) if row else Seat(Preferences(), 0)


async def record_preferences(
    tx: Tx, agent: UUID, chosen: Preferences, groups: Mapping[str, Mapping[str, str]], reserved: Set[str] = frozenset()
) -> None:
    """Keep an agent's choices. `groups` are the actions with their own keys, by the groups in which no key may stand twice; nobody may choose
    a `reserved` one.

    Raises `InvalidField`, and `KeyTaken` for a key that another action has.
    """
    _check(chosen, groups, reserved)
    await tx.run(
        "update agent set preferences = preferences || cast(:chosen as jsonb) where org_id = :org and id = :agent",
        agent=agent,
        chosen=audit.canonical(asdict(chosen)),
    )
    await audit.record(tx, f"agent:{agent}", "preferences.changed", agent)


async def record_tongue(tx: Tx, agent: UUID, language: str, zone: str) -> bool:
    """The language and the IANA zone in which an agent is spoken to; whether that changed anything. Raises `InvalidField`."""
    if language not in LANGUAGES:
        raise InvalidField("language", N_("choose one of the languages"))
    if zone not in available_timezones():
        raise InvalidField("zone", N_("choose one of the zones"))
    changed = await tx.value(
        "update agent set language = :language, zone = :zone where org_id = :org and id = :agent and (language, zone) <> (:language, :zone)"
        " returning id",
        agent=agent,
        language=language,
        zone=zone,
    )
    if changed:
        await audit.record(tx, f"agent:{agent}", "language.changed", agent, language=language, zone=zone)
    return bool(changed)


def fitting(stored: Mapping[str, str], groups: Mapping[str, Mapping[str, str]], reserved: Set[str] = frozenset()) -> dict[str, str]:
    """Of keys that were chosen once those that may still be chosen: the table changes with the product, and an old choice must not bar a new one."""
    known = {action for own in groups.values() for action in own}
    kept = {action: key for action, key in stored.items() if action in known and key in ALLOWED and key not in reserved}
    for own in groups.values():
        while taken := _taken(own, kept):
            del kept[taken.action]
    return kept


def _check(chosen: Preferences, groups: Mapping[str, Mapping[str, str]], reserved: Set[str]) -> None:
    if chosen.undo_seconds is not None and chosen.undo_seconds not in UNDO_SECONDS:
        raise InvalidField("undo_seconds", N_("choose one of the times"))
    if chosen.density not in DENSITIES:
        raise InvalidField("density", N_("choose comfortable or compact"))
    known = {action for own in groups.values() for action in own}
    for action, key in chosen.keys.items():
        if action not in known:
            raise InvalidField("keys", N_("there is no such action"))
        if key not in ALLOWED:
            raise InvalidField(f"keys.{action}", N_("press one letter or digit"))
        if key in reserved:
            raise InvalidField(f"keys.{action}", N_("this letter is reserved; choose another one"))
    for own in groups.values():
        if taken := _taken(own, chosen.keys):
            raise taken


def _taken(own: Mapping[str, str], chosen: Mapping[str, str]) -> KeyTaken | None:
    """The first key that stands twice. The action that was changed is the one that is told, and the other is named."""
    taken: dict[str, str] = {}
    for action in sorted(own, key=lambda action: action in chosen):
        key = chosen.get(action, own[action])
        if key in taken:
            return KeyTaken(action, key, taken[key])
        if key:
            taken[key] = action
    return None


def _of(stored: Any) -> Preferences:  # noqa: ANN401 - JSON
    """What is stored, field by field: a choice that no longer exists is as if it had not been made."""
    found = stored if isinstance(stored, dict) else {}
    keys, undo, density = found.get("keys"), found.get("undo_seconds"), found.get("density")
    return Preferences(
        keys={str(action): str(key) for action, key in keys.items()} if isinstance(keys, dict) else {},
        keys_on=found.get("keys_on") is not False,
        sound=found.get("sound") is True,
        notify=found.get("notify") is True,
        undo_seconds=undo if undo in UNDO_SECONDS else None,
        density=density if density in DENSITIES else "comfortable",
    )
