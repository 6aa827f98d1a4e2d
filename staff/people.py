"""Agents and teams: made by the seed, the command line and (later) screens."""

from __future__ import annotations

from uuid import UUID

from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
from staff.models import Role
from staff.passwords import hash_password

LANGUAGES = ("es", "pt", "en")


async def record_agent(
    tx: Tx, *, email: str, name: str, role: Role, password: str, language: str = "es", zone: str = "America/Bogota"
) -> UUID:
    """Insert an agent, or update the one with this email (the password too). Raises `InvalidField`."""
    if "@" not in email:
        raise InvalidField("email", "is not an email address")
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
