"""Reading what stands beside a timeline: addresses, debts, open ways; and that it was looked at. The lines themselves come from `inbox.windows`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from compliance.gate import Foresight, foresee_each
from compliance.rules import Objection
from debts.addresses import shown_status
from inbox.access import Reader
from inbox.addressing import BEST_FIRST, HEARD, only_portfolio
from inbox.sending import SENDABLE
from inbox.speakers import open_profile
from inbox.windows import MOST_CHANGES, changed, newest, page

__all__ = [
    "MOST_CHANGES",
    "Reach",
    "Way",
    "addresses_of",
    "changed",
    "debts_of",
    "language_of",
    "newest",
    "page",
    "record_viewing",
    "record_viewings",
    "viewing_slot",
    "ways",
]

_VIEWING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of a person, opened: what a panel or the API shows after masking. `best` is the one that its channel would use; `heard` the
    client's last word from there, `profile` what they call themselves there, `doubt` the word in which they may have asked for no more messages."""

    address_id: UUID
    channel: str
    dialable: str
    status: str
    best: bool
    heard: UUID | None = None
    consent: Any = None
    profile: str | None = None
    doubt: UUID | None = None


async def addresses_of(tx: Tx, row: Any) -> list[Reach]:  # noqa: ANN401 - a row with debtor_id, key_name, wrapped
    """All addresses of a debtor, each with the worst of what is known of it."""
    person = tx.person(row.debtor_id, row.key_name, row.wrapped)
    rows = await tx.rows(
        "select a.id as address_id, a.channel, a.deliverability, l.id as link_id, l.status, l.dialable_sealed, l.profile_name_sealed, l.consent,"
        " heard.id as heard,"
        f" exists (select from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source <> 'doubt' and o.revoked_at is null) as opted_out,"
        " (select o.entry_id from opt_out o where o.org_id = a.org_id and o.address_id = a.id and o.source = 'doubt' and o.revoked_at is null) as doubt,"
        f" row_number() over (partition by a.channel order by {BEST_FIRST}) = 1 as best"
        f" from address_link l join address a on a.org_id = l.org_id and a.id = l.address_id{HEARD}"
        " where l.org_id = :org and l.debtor_id = :debtor order by l.created_at, l.id",
        debtor=row.debtor_id,
    )
    return [
        Reach(
            one.address_id,
            one.channel,
            person.open("address_link", one.link_id, "dialable", bytes(one.dialable_sealed)),
            shown_status(one.deliverability, one.status, opted_out=one.opted_out),
            one.best,
            one.heard,
            one.consent,
            open_profile(person, one.link_id, one.profile_name_sealed),
            one.doubt,
        )
        for one in rows
    ]


async def language_of(tx: Tx, row: Any) -> str:  # noqa: ANN401 - a row of access_conversation
    """The language a client is written to in: their own, else that of their country or of a number of theirs."""
    if row.language:
        return str(row.language)
    from_brazil = row.country == "BR" or any(one.dialable.startswith("+55") for one in await addresses_of(tx, row))
    return "pt" if from_brazil else "es"


async def debts_of(tx: Tx, reader: Reader, debtor: UUID) -> Sequence[Any]:
    """The debts of a person in the portfolios that the reader sees."""
    return await tx.rows(
        "select b.id, b.ref, b.product_last4, b.total_due, b.minimum_due, b.currency, b.due_on, b.days_past_due, b.payment_reference,"
        " b.legal_state, r.name as creditor from debt b join creditor r on r.org_id = b.org_id and r.id = b.creditor_id"
        " where b.org_id = :org and b.debtor_id = :debtor and (:sees_all or b.creditor_id = any(cast(:portfolios as uuid[])))"
        " order by b.days_past_due desc nulls last, b.ref",
        debtor=debtor,
        **reader.rights,
    )


@dataclass(frozen=True, slots=True)
class Way:
    """One channel towards a client: the address that would be used, what the gate would object now where the channel can send, and until when
    free text may be sent where the channel has such a window."""

    channel: str
    dialable: str | None = None
    objection: Objection | None = None
    open_until: datetime | None = None
    address_id: UUID | None = None


async def ways(tx: Tx, reader: Reader, row: Any, channels: Sequence[str], reaches: Sequence[Reach]) -> list[Way]:  # noqa: ANN401
    """How a client (a row of access_conversation) with these addresses would be reached on each channel at this moment, by this reader.

    A channel is as open as the most open of its addresses. The gate is asked for the portfolio that `send` would write for.
    """
    portfolio = only_portfolio(reader, row.portfolios) or row.creditor_id
    sendable = [channel for channel in channels if channel in SENDABLE]
    told = await foresee_each(tx, row.debtor_id, sendable, portfolio) if sendable else {}
    return [_way(channel, [one for one in reaches if one.channel == channel], told) for channel in channels]


def _way(channel: str, reaches: Sequence[Reach], told: Mapping[UUID, Foresight]) -> Way:
    best_first = sorted(reaches, key=lambda one: not one.best)
    seen = [(one, told.get(one.address_id, Foresight(None))) for one in best_first]
    if not seen:
        return Way(channel)
    chosen, foresight = next(((one, said) for one, said in seen if said.objection is None), seen[0])
    return Way(channel, chosen.dialable, foresight.objection, foresight.open_until, chosen.address_id)


async def record_viewing(tx: Tx, reader: Reader, debtor: UUID) -> None:
    """Write into the ledger that somebody looks at a debtor, once per agent, debtor and quarter of an hour."""
    await record_viewings(tx, [reader.agent_id], debtor)


async def record_viewings(tx: Tx, agents: Collection[UUID], debtor: UUID) -> None:
    """As `record_viewing`, for everybody whose screen shows a debtor at the same moment; in one order, so that two processes never wait in a ring."""
    slot = viewing_slot(tx.now)
    first = await tx.rows(
        "insert into viewing (org_id, agent_id, debtor_id, slot) select :org, agent, :debtor, :slot from unnest(cast(:agents as uuid[])) agent"
        " on conflict do nothing returning agent_id",
        agents=sorted(agents),
        debtor=debtor,
        slot=slot,
    )
    await audit.record_each(tx, [f"agent:{row.agent_id}" for row in first], "client.viewed", debtor, slot=slot)


def viewing_slot(now: datetime) -> datetime:
    """The quarter of an hour that a moment belongs to."""
    return datetime.fromtimestamp(now.timestamp() // _VIEWING.total_seconds() * _VIEWING.total_seconds(), UTC)
