"""The doors to conversations: a row comes only with its reader's rights in the same statement; stranger and missing look the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from base.db import Tx
from base.errors import Forbidden, NotFound
from debts.cards import OWN_NUMBER
from staff.models import Role
from staff.sessions import hash_of

SEES_ALL = (Role.ADMIN, Role.REVIEWER)
# Whose portfolios these are. It is enough only where no test to a phone of our own can be: such a test is its tester's alone, whatever the role.
SERVES = "(:sees_all or c.portfolios && cast(:portfolios as uuid[]) or c.portfolios = '{}')"
MAY_SEE = f"({SERVES} and (c.state <> 'own' or c.debtor_id = (select o.id from debtor o where o.org_id = :org and o.ref = :own_ref)))"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is signed in, with their teams and the portfolios that those serve."""

    agent_id: UUID
    name: str
    email: str
    role: Role
    language: str
    zone: str
    portfolios: tuple[UUID, ...]
    teams: tuple[UUID, ...] = ()

    @property
    def sees_all(self) -> bool:
        """Whether the role reads every portfolio."""
        return self.role in SEES_ALL

    @property
    def writes(self) -> bool:
        """Whether the role may write to clients. Reviewers only read."""
        return self.role is not Role.REVIEWER

    @property
    def rights(self) -> Mapping[str, Any]:
        """The variables of `MAY_SEE`."""
        return {"sees_all": self.sees_all, "portfolios": list(self.portfolios), "own_ref": self.own_ref}

    @property
    def own_ref(self) -> str:
        """The reference that the reader's own phones stand under."""
        return f"{OWN_NUMBER}{self.agent_id}"

    def sees_portfolio(self, portfolio: UUID | None) -> bool:
        """Whether entries of a portfolio may be read; entries of none belong to everybody who sees the conversation."""
        return self.sees_all or portfolio is None or portfolio in self.portfolios

    def seen_of(self, portfolios: Sequence[UUID]) -> list[UUID]:
        """Those of a client's portfolios that the reader sees. Who serves the others would tell that the client has business there."""
        return [one for one in portfolios if self.sees_portfolio(one)]


_READER = (
    "select a.id, a.name, a.email, a.role, a.language, a.zone, array(select distinct v.creditor_id from team_member t"
    " join serving v on v.org_id = t.org_id and v.team_id = t.team_id where t.org_id = a.org_id and t.agent_id = a.id order by 1) as portfolios,"
    " array(select t.team_id from team_member t where t.org_id = a.org_id and t.agent_id = a.id order by 1) as teams"
)


async def reader_by_session(tx: Tx, secret: str) -> Reader | None:
    """Who is signed in with a session's secret; None when it is unknown, ended, or its agent was switched off."""
    row = await tx.row(
        _READER + " from agent_session s join agent a on a.org_id = s.org_id and a.id = s.agent_id"
        " where s.org_id = :org and s.id_hash = :hash and s.ended_at is null and s.ends_at > clock_timestamp() and a.active",
        hash=hash_of(secret),
    )
    return _reader(row) if row else None


async def reader_by_token(tx: Tx, token: str) -> Reader | None:
    """Whose bearer token this is; None when it is unknown or revoked, or its agent was switched off."""
    row = await tx.row(
        _READER + " from api_token s join agent a on a.org_id = s.org_id and a.id = s.agent_id"
        " where s.org_id = :org and s.token_hash = :hash and s.revoked_at is null and a.active",
        hash=hash_of(token),
    )
    return _reader(row) if row else None


async def readers_by_session(tx: Tx, hashes: list[bytes]) -> dict[bytes, Reader]:
    """Whoever is still signed in of many sessions, by the session's hash, in one statement."""
    rows = await tx.rows(
        _READER + ", s.id_hash from agent_session s join agent a on a.org_id = s.org_id and a.id = s.agent_id"
        " where s.org_id = :org and s.id_hash = any(:hashes) and s.ended_at is null and s.ends_at > clock_timestamp() and a.active",
        hashes=hashes,
    )
    return {bytes(row.id_hash): _reader(row) for row in rows}


def _reader(row: Any) -> Reader:  # noqa: ANN401 - a row
    return Reader(row.id, row.name, row.email, Role(row.role), row.language, row.zone, tuple(row.portfolios), tuple(row.teams))


async def access_conversation(tx: Tx, reader: Reader, conversation: UUID) -> Any:  # noqa: ANN401 - a row
    """The conversation's row with the debtor's sealed fields and key. Raises `NotFound`, also for one that lives on in another (see `kept_of`)."""
    return await _access(tx, reader, "c.id = :wanted", conversation)


async def access_debtor(tx: Tx, reader: Reader, debtor: UUID) -> Any:  # noqa: ANN401 - a row
    """As `access_conversation`, by the debtor's id; of people who were merged, the one who is kept. Raises `NotFound`."""
    kept = "coalesce((select w.merged_into from debtor w where w.org_id = :org and w.id = :wanted), :wanted)"
    return await _access(tx, reader, f"c.debtor_id = {kept}", debtor)


async def kept_of(tx: Tx, reader: Reader, conversation: UUID) -> UUID | None:
    """The conversation that a merged one lives on in, where the reader may see that; None for any other."""
    kept: UUID | None = await tx.value(
        "select c.id from conversation w join debtor d on d.org_id = w.org_id and d.id = w.debtor_id"
        " join conversation c on c.org_id = d.org_id and c.debtor_id = d.merged_into"
        f" where w.org_id = :org and w.id = :wanted and w.state = 'merged' and {MAY_SEE}",
        wanted=conversation,
        **reader.rights,
    )
    return kept


async def access_message(tx: Tx, reader: Reader, message: UUID) -> Any:  # noqa: ANN401 - a row
    """A message with its entry and its debtor's key. Raises `NotFound`."""
    row = await tx.row(
        "select e.id, e.conversation_id, c.debtor_id, e.position, e.revision, e.kind, e.channel, e.direction, e.text, e.detail, e.carrier_at,"
        " e.received_at, e.creditor_id, m.state, m.carrier_id, m.segments, m.error_code, m.error_reason, m.adapter, k.key_name, k.wrapped, a.name as agent,"
        " t.body as template_body, t.version as template_version"
        " from entry e join conversation c on c.org_id = e.org_id and c.id = e.conversation_id"
        " join message m on m.org_id = e.org_id and m.id = e.id"
        " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id"
        " left join agent a on a.org_id = e.org_id and a.id = e.agent_id"
        " left join template t on t.org_id = m.org_id and t.id = m.template_id"
        f" where e.org_id = :org and e.id = :message and {MAY_SEE}"
        " and (:sees_all or e.creditor_id is null or e.creditor_id = any(cast(:portfolios as uuid[])))",
        message=message,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    return row


def require_writer(reader: Reader) -> None:
    """Raise `Forbidden` for roles that only read."""
    if not reader.writes:
        raise Forbidden("Your role reads conversations and does not write to clients.")


async def _access(tx: Tx, reader: Reader, condition: str, wanted: UUID) -> Any:  # noqa: ANN401 - a row
    row = await tx.row(
        "select c.id, c.debtor_id, c.revision, c.card_revision, c.position, c.state, c.portfolios, c.creditor_id, c.assigned_agent_id, c.read_position,"
        " c.last_inbound_position, c.last_at, d.kind, d.ref, d.name_sealed, d.country, d.region, d.city, d.language, d.zone, k.key_name, k.wrapped,"
        " c.team_id, c.snoozed_until, c.waiting_since, c.disposition, g.name as team,"
        " o.name as assignee from conversation c join debtor d on d.org_id = c.org_id and d.id = c.debtor_id"
        " join person_key k on k.org_id = c.org_id and k.person_id = c.debtor_id"
        " left join agent o on o.org_id = c.org_id and o.id = c.assigned_agent_id left join team g on g.org_id = c.org_id and g.id = c.team_id"
        f" where c.org_id = :org and {condition} and c.state <> 'merged' and {MAY_SEE}",
        wanted=wanted,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    return row
