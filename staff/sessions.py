"""Signing in: our own sessions in PostgreSQL, minted anew at every sign-in, known only by the hash of their secret.

An id that a browser brings is believed only if it is in the table, so nobody can plant one. Times here are the database's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from typing import Final
from uuid import UUID

from base import audit
from base.db import Database, Tx
from base.errors import TooMany, TratoError
from staff.passwords import password_fits

SESSION_HOURS: Final = 12
_WINDOW_SECONDS: Final = 600
_TRIES_PER_EMAIL: Final = 10
_TRIES_PER_PLACE: Final = 60


class WrongCredentials(TratoError):
    """The email and the password do not belong together; which one is wrong is nobody's business."""


async def sign_in(db: Database, email: str, password: str, place: str, old_secret: str | None) -> str:
    """A new session's secret for the right email and password. Raises `WrongCredentials`, or `TooMany` after ten tries in ten minutes.

    `place` is where the request came from; an earlier session of the same browser ends.
    """
    email = email.strip().lower()
    async with db.transaction() as tx:
        waits = [await _count_try(tx, f"email:{email}", _TRIES_PER_EMAIL), await _count_try(tx, f"place:{place}", _TRIES_PER_PLACE)]
        agent = await tx.row("select id, password_hash from agent where org_id = :org and email = :email and active", email=email)
    if max(waits):
        raise TooMany("Too many tries. Wait some minutes and try again.", retry_after=max(waits))
    fits = await asyncio.to_thread(password_fits, agent.password_hash if agent else None, password)
    async with db.transaction() as tx:
        if agent is None or not fits:
            await audit.record(tx, "system:sign-in", "sign_in.failed", agent.id if agent else None)
        else:
            return await _open(tx, agent.id, email, place, old_secret)
    raise WrongCredentials("The email or the password is not right.")


async def _open(tx: Tx, agent: UUID, email: str, place: str, old_secret: str | None) -> str:
    secret = await open_session(tx, agent, old_secret)
    await tx.run("delete from throttle where org_id = :org and key = :key", key=_key(f"email:{email}"))
    # A whole office may sign in from one place within minutes: only tries that fail count against it.
    await tx.run("update throttle set tries = tries - 1 where org_id = :org and key = :key and tries > 0", key=_key(f"place:{place}"))
    await audit.record(tx, f"agent:{agent}", "sign_in.succeeded", agent)
    return secret


async def open_session(tx: Tx, agent: UUID, old_secret: str | None = None) -> str:
    """A new session of somebody who has proved who they are; returns its secret. An earlier session of the same browser ends."""
    secret = secrets.token_urlsafe(32)
    if old_secret:
        await _end(tx, hash_of(old_secret))
    await tx.run(
        "insert into agent_session (org_id, id_hash, agent_id, created_at, seen_at, ends_at)"
        " values (:org, :hash, :agent, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(hours => :hours))",
        hash=hash_of(secret),
        agent=agent,
        hours=SESSION_HOURS,
    )
    return secret


async def sign_out(tx: Tx, secret: str, agent: UUID) -> None:
    """End a session; its sockets close within two seconds."""
    await _end(tx, hash_of(secret))
    await audit.record(tx, f"agent:{agent}", "sign_out", agent)


async def end_everything(tx: Tx, agent: UUID) -> None:
    """Every session and bearer token of an agent ends; open screens close within two seconds."""
    await tx.run(
        "update agent_session set ended_at = clock_timestamp() where org_id = :org and agent_id = :agent and ended_at is null", agent=agent
    )
    await tx.run("update api_token set revoked_at = :now where org_id = :org and agent_id = :agent and revoked_at is null", agent=agent)


async def slow_down(db: Database, what: str, most: int) -> None:
    """Count one try of something that could be guessed, before looking at it. Raises `TooMany` after `most` in ten minutes."""
    async with db.transaction() as tx:
        wait = await _count_try(tx, what, most)
    if wait:
        raise TooMany("Too many tries. Wait some minutes and try again.", retry_after=wait)


async def _end(tx: Tx, id_hash: bytes) -> None:
    await tx.run(
        "update agent_session set ended_at = clock_timestamp() where org_id = :org and id_hash = :hash and ended_at is null", hash=id_hash
    )


async def _count_try(tx: Tx, what: str, most: int) -> int:
    """Count before looking, in one conditional statement, so that a hundred tries at once are a hundred; returns the seconds to wait, or 0."""
    row = await tx.row(
        "insert into throttle (org_id, key, since, tries) values (:org, :key, clock_timestamp(), 1) on conflict (org_id, key) do update set"
        " tries = case when throttle.since < clock_timestamp() - make_interval(secs => :window) then 1 else throttle.tries + 1 end,"
        " since = case when throttle.since < clock_timestamp() - make_interval(secs => :window) then clock_timestamp() else throttle.since end"
        " returning tries, ceil(extract(epoch from since + make_interval(secs => :window) - clock_timestamp())) as wait",
        key=_key(what),
        window=_WINDOW_SECONDS,
    )
    return max(1, int(row.wait)) if row is not None and row.tries > most else 0


def hash_of(secret: str) -> bytes:
    """What is stored instead of a session's or a token's secret."""
    return hashlib.sha256(secret.encode()).digest()


def csrf_token(session_key: str, secret: str) -> str:
    """The token that forms of this session carry, and no other session's."""
    return hmac.new(session_key.encode(), hash_of(secret), hashlib.sha256).hexdigest()


def _key(what: str) -> bytes:
    return hash_of(what)


async def new_token(tx: Tx, agent: UUID) -> str:
    """A new bearer token of an agent; only its hash is kept."""
    token = f"trato_{secrets.token_urlsafe(32)}"
    await tx.run(
        "insert into api_token (org_id, id, token_hash, agent_id, created_at) values (:org, gen_random_uuid(), :hash, :agent, :now)",
        hash=hash_of(token),
        agent=agent,
    )
    await audit.record(tx, f"agent:{agent}", "token.made", agent)
    return token
