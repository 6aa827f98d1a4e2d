"""Tables of the people who work here: agents, teams, sessions, tokens and the counters that slow down guessing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from base.models import Owned, moment, words


class Role(StrEnum):
    """What an agent may do: agents and supervisors by team, reviewers read everything, admins set things up."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class Agent(Owned, table=True):
    """Somebody who works here."""

    __table_args__ = (
        UniqueConstraint("org_id", "email"),
        CheckConstraint("role in ('agent', 'supervisor', 'reviewer', 'admin')", name="role"),
    )
    email: str = words()
    name: str = words()
    role: str = words()
    language: str = words()
    zone: str = words()
    password_hash: str = words()
    preferences: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default="{}"))
    active: bool = True
    created_at: datetime = moment()


class Team(Owned, table=True):
    """Agents who serve the same portfolios."""

    __table_args__ = (UniqueConstraint("org_id", "name"),)
    name: str = words()


class TeamMember(SQLModel, table=True):
    """Who is in which team."""

    __tablename__ = "team_member"
    org_id: UUID = Field(primary_key=True)
    team_id: UUID = Field(primary_key=True)
    agent_id: UUID = Field(primary_key=True)


class AgentSession(SQLModel, table=True):
    """A signed-in browser, known by the hash of its secret id."""

    __tablename__ = "agent_session"
    __table_args__ = (Index("ix_agent_session_agent", "org_id", "agent_id"),)
    org_id: UUID = Field(primary_key=True)
    id_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    agent_id: UUID
    created_at: datetime = moment()
    seen_at: datetime = moment()
    ends_at: datetime = moment()
    ended_at: datetime | None = moment(null=True)


class ApiToken(Owned, table=True):
    """A bearer token of an agent, known by its hash."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("org_id", "token_hash"),)
    token_hash: bytes = Field(sa_type=LargeBinary)
    agent_id: UUID
    created_at: datetime = moment()
    revoked_at: datetime | None = moment(null=True)


class Throttle(SQLModel, table=True):
    """How often something was tried in the window that began at `since` (the database's own time)."""

    org_id: UUID = Field(primary_key=True)
    key: bytes = Field(primary_key=True, sa_type=LargeBinary)
    since: datetime = moment()
    tries: int = Field(sa_type=Integer)


class Invitation(Owned, table=True):
    """A link by which a new agent chooses a password, known by its hash and used once."""

    __table_args__ = (UniqueConstraint("org_id", "token_hash"), Index("ix_invitation_agent", "org_id", "agent_id"))
    agent_id: UUID
    token_hash: bytes = Field(sa_type=LargeBinary)
    created_by: UUID | None = Field(default=None, nullable=True)
    created_at: datetime = moment()
    ends_at: datetime = moment()
    used_at: datetime | None = moment(null=True)
