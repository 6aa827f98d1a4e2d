"""Invitations: a link by which somebody chooses a password. It works once and for 72 hours, and only its hash is kept."""

from __future__ import annotations

import secrets
from typing import Any, Final
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import NotFound
from base.ids import new_id
from staff.sessions import end_everything, hash_of

HOURS: Final = 72
_LIVE = "i.org_id = :org and i.used_at is null and i.ends_at > clock_timestamp()"


async def invite(tx: Tx, actor: str, agent: UUID, by: UUID | None = None) -> str:
    """A new link's secret for an active agent; links before it end. Raises `NotFound`."""
    active = await tx.value("select active from agent where org_id = :org and id = :agent for no key update", agent=agent)
    if not active:
        raise NotFound
    await _end(tx, agent)
    token = secrets.token_urlsafe(32)
    await tx.run(
        "insert into invitation (org_id, id, agent_id, token_hash, created_by, created_at, ends_at)"
        " values (:org, :id, :agent, :hash, cast(:by as uuid), clock_timestamp(), clock_timestamp() + make_interval(hours => :hours))",
        id=new_id(),
        agent=agent,
        hash=hash_of(token),
        by=by,
        hours=HOURS,
    )
    await audit.record(tx, actor, "agent.invited", agent)
    return token


async def revoke(tx: Tx, actor: str, agent: UUID) -> bool:
    """End the links that an agent has; returns whether there was one."""
    ended = await _end(tx, agent)
    if ended:
        await audit.record(tx, actor, "invitation.revoked", agent)
    return ended


async def invited(tx: Tx, token: str) -> Any:  # noqa: ANN401 - a row
    """Whom a link is for: `agent_id`, `name`, `email`, `language`. Raises `NotFound` for one that is used, ended or unknown."""
    row = await tx.row(
        "select a.id as agent_id, a.name, a.email, a.language from invitation i join agent a on a.org_id = i.org_id and a.id = i.agent_id"
        f" where {_LIVE} and i.token_hash = :hash and a.active",
        hash=hash_of(token),
    )
    if row is None:
        raise NotFound
    return row


async def accept(tx: Tx, token: str, password_hash: str) -> UUID:
    """Use a link up: the password is set, and whatever was open under the old one ends. Of two who come at once, one gets `NotFound`."""
    agent: UUID | None = await tx.value(
        f"update invitation i set used_at = clock_timestamp() from agent a where {_LIVE} and i.token_hash = :hash"
        " and a.org_id = i.org_id and a.id = i.agent_id and a.active returning i.agent_id",
        hash=hash_of(token),
    )
    if agent is None:
        raise NotFound
    await tx.run("update agent set password_hash = :password where org_id = :org and id = :agent", agent=agent, password=password_hash)
    await end_everything(tx, agent)
    await audit.record(tx, f"agent:{agent}", "invitation.accepted", agent)
    return agent


async def _end(tx: Tx, agent: UUID) -> bool:
    return bool(
        await tx.run(
            "update invitation set ends_at = clock_timestamp() where org_id = :org and agent_id = :agent and used_at is null"
            " and ends_at > clock_timestamp()",
            agent=agent,
        )
    )
