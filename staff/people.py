"""Agents and teams: made by the seed, the command line and the settings' screens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from base.db import Tx
from base.errors import InvalidField, NotFound
from base.ids import new_id
from base.signs import is_line, typed
from base.words import N_
from staff.models import Role
from staff.passwords import NO_PASSWORD, hash_password
from staff.sessions import end_everything

LANGUAGES = ("es", "pt", "en")
MOST_CHARACTERS = 120
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,}")


async def record_agent(
    tx: Tx, *, email: str, name: str, role: Role, password: str, language: str = "es", zone: str = "America/Bogota"
) -> UUID:
    """Insert an agent, or update the one with this email (the password too). Raises `InvalidField`."""
    if "@" not in email:
        raise InvalidField("email", N_("is not an email address"))
    if language not in LANGUAGES:
        raise InvalidField("language", "must be one of " + ", ".join(LANGUAGES))
    agent: UUID = await tx.value(
        "insert into agent (org_id, id, email, name, role, language, zone, password_hash, active, created_at)"
        " values (:org, :id, :email, :name, :role, :language, :zone, :password, true, :now)"
        " on conflict (org_id, email) do update set name = excluded.name, role = excluded.role, language = excluded.language, zone = excluded.zone,"
        " password_hash = excluded.password_hash, active = true returning id",
        id=new_id(),
        email=email.strip().lower(),
        name=name,
        role=role.value,
        language=language,
        zone=zone,
        password=hash_password(password),
    )
    return agent


async def record_team(tx: Tx, name: str, members: list[UUID]) -> UUID:
    """Insert a team by name, or find it, and add members."""
    team: UUID = await tx.value(
        "insert into team (org_id, id, name) values (:org, :id, :name) on conflict (org_id, name) do update set name = excluded.name returning id",
        id=new_id(),
        name=name,
    )
    await tx.run_many(
        "insert into team_member (org_id, team_id, agent_id) values (:org, :team, :agent) on conflict do nothing",
        [{"team": team, "agent": agent} for agent in members],
    )
    return team


async def agent_by_email(tx: Tx, email: str) -> UUID | None:
    """The id of an active agent, or None."""
    found: UUID | None = await tx.value(
        "select id from agent where org_id = :org and email = :email and active", email=email.strip().lower()
    )
    return found


def check_line(text: str, field: str) -> str:
    """One line of text as people write it, without outer spaces. Raises `InvalidField` for an empty, long or unprintable one."""
    text = " ".join(typed(text, field).split())
    if not text:
        raise InvalidField(field, N_("This is needed."))
    if len(text) > MOST_CHARACTERS or not is_line(text):
        raise InvalidField(field, N_("Use one line of at most 120 characters."))
    return text


def check_email(text: str) -> str:
    """An email address in lower case. Raises `InvalidField`."""
    text = text.strip().lower()
    if not _EMAIL.fullmatch(text) or not text.isprintable():
        raise InvalidField("email", N_("Write an email address, like ana@example.com."))
    return text


def check_zone(name: str) -> str:
    """An IANA zone. Raises `InvalidField`."""
    if name not in available_timezones():
        raise InvalidField("zone", N_("Choose a time zone of the list."))
    return name


async def add_agent(tx: Tx, *, email: str, name: str, role: Role, language: str, zone: str) -> UUID:
    """Somebody new, who cannot sign in before accepting an invitation. Raises `InvalidField`, also for an email that is known."""
    email, name = check_email(email), check_line(name, "name")
    _check_language(language)
    agent: UUID | None = await tx.value(
        "insert into agent (org_id, id, email, name, role, language, zone, password_hash, active, created_at)"
        " values (:org, :id, :email, :name, :role, :language, :zone, :password, true, :now) on conflict (org_id, email) do nothing returning id",
        id=new_id(),
        email=email,
        name=name,
        role=role.value,
        language=language,
        zone=check_zone(zone),
        password=NO_PASSWORD,
    )
    if agent is None:
        raise InvalidField("email", N_("Somebody with this email is in the list already."))
    return agent


async def change_agent(tx: Tx, agent: UUID, *, name: str, role: Role, language: str, zone: str) -> None:
    """What somebody is called, may do and reads. Raises `InvalidField`, or `NotFound`."""
    _check_language(language)
    changed = await tx.run(
        "update agent set name = :name, role = :role, language = :language, zone = :zone where org_id = :org and id = :agent",
        agent=agent,
        name=check_line(name, "name"),
        role=role.value,
        language=language,
        zone=check_zone(zone),
    )
    if not changed:
        raise NotFound


async def switch_agent(tx: Tx, agent: UUID, *, on: bool) -> None:
    """Let somebody in again, or end everything they have open and let them in no more. Raises `NotFound`."""
    if not await tx.run("update agent set active = :on where org_id = :org and id = :agent", agent=agent, on=on):
        raise NotFound
    if not on:
        await end_everything(tx, agent)


async def put_in_teams(tx: Tx, agent: UUID, teams: Sequence[UUID]) -> None:
    """Exactly these teams, and no others."""
    await tx.run(
        "delete from team_member where org_id = :org and agent_id = :agent and team_id <> all(cast(:teams as uuid[]))",
        agent=agent,
        teams=list(teams),
    )
    await tx.run(
        "insert into team_member (org_id, team_id, agent_id) select :org, id, :agent from team where org_id = :org and id = any(:teams)"
        " on conflict do nothing",
        agent=agent,
        teams=list(teams),
    )


async def name_team(tx: Tx, name: str, team: UUID | None = None) -> UUID:
    """A new team, or another name for one. Raises `InvalidField` for a name that another team has, or `NotFound`."""
    name = check_line(name, "name")
    other = await tx.value("select id from team where org_id = :org and lower(name) = lower(:name)", name=name)
    if other not in (None, team):
        raise InvalidField("name", N_("Another team has this name already."))
    if team is None:
        return await record_team(tx, name, [])
    if not await tx.run("update team set name = :name where org_id = :org and id = :team", name=name, team=team):
        raise NotFound
    return team


async def list_agents(tx: Tx) -> Sequence[Any]:
    """Everybody who works here, with their `teams` (ids), whether they ever chose a password (`came`) and until when a link of theirs works."""
    return await tx.rows(
        "select a.id, a.name, a.email, a.role, a.language, a.zone, a.active, a.password_hash <> '' as came,"
        " array(select t.team_id from team_member t where t.org_id = a.org_id and t.agent_id = a.id order by 1) as teams,"
        " (select max(i.ends_at) from invitation i where i.org_id = a.org_id and i.agent_id = a.id and i.used_at is null"
        " and i.ends_at > clock_timestamp()) as invited_until"
        " from agent a where a.org_id = :org order by a.active desc, lower(a.name), a.id"
    )


async def list_teams(tx: Tx) -> Sequence[Any]:
    """All teams by name, with the names of their active members."""
    return await tx.rows(
        "select t.id, t.name, array(select a.name from team_member m join agent a on a.org_id = m.org_id and a.id = m.agent_id and a.active"
        " where m.org_id = t.org_id and m.team_id = t.id order by lower(a.name)) as members"
        " from team t where t.org_id = :org order by lower(t.name), t.id"
    )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise InvalidField("language", N_("Choose a language of the list."))
