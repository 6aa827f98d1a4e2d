"""The first person of an installation: whoever has the code that its programs print, and nobody after them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import NotFound
from staff.models import Role
from staff.passwords import check_password
from staff.people import check_email, check_line, record_agent

_BYTES = 10  # sixteen letters and digits: nobody guesses eighty bits


def start_code(session_key: str, org: UUID) -> str:
    """The code that lets one person claim this installation; made from its own secret, so that no table holds it."""
    digest = hmac.digest(session_key.encode(), f"first run of {org}".encode(), hashlib.sha256)
    text = base64.b32encode(digest[:_BYTES]).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def code_fits(session_key: str, org: UUID, code: str) -> bool:
    """Whether somebody has the code, however they typed its dashes and capitals."""
    given = "".join(character for character in code.lower() if character.isalnum())
    return hmac.compare_digest(given.encode(), start_code(session_key, org).replace("-", "").encode())


async def is_unclaimed(tx: Tx) -> bool:
    """Whether nobody works here yet."""
    return await tx.value("select 1 from agent where org_id = :org limit 1") is None


async def claim_installation(tx: Tx, *, organisation: str, name: str, email: str, password: str, language: str, zone: str) -> UUID:
    """Make the first admin; the caller has checked the code. Raises `InvalidField`, and `NotFound` where somebody was first."""
    await tx.row("select id from organisation where id = :org for update")
    if not await is_unclaimed(tx):
        raise NotFound
    organisation, name, email = check_line(organisation, "organisation"), check_line(name, "name"), check_email(email)
    check_password(password, name, email, organisation)
    await tx.run("update organisation set name = :name where id = :org", name=organisation)
    agent = await record_agent(tx, email=email, name=name, role=Role.ADMIN, password=password, language=language, zone=zone)
    await audit.record(tx, f"agent:{agent}", "installation.claimed", agent)
    return agent


async def organisation_name(tx: Tx) -> str:
    """What the organisation calls itself."""
    return str(await tx.value("select name from organisation where id = :org"))
