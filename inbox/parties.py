"""Who else stands beside a debt: co-debtors, guarantors, references and thirds, as people of their own with conversations of their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.ids import new_id
from base.words import N_
from debts.people import new_person
from inbox.access import MAY_SEE, Reader, access_debtor, require_writer
from inbox.moves import require_hold
from inbox.timeline import lock_threads, new_conversation, touch

ROLES = ("co_debtor", "guarantor", "reference", "third")


async def parties_of(tx: Tx, reader: Reader, debtor: UUID) -> list[Any]:
    """The parties of a client's debts, in the reader's portfolios: the party's `id`, `role`, `debt_id`, the debt's reference, and the person's
    sealed name with their `conversation_id`, which is None for whom the reader may not open."""
    rows = await tx.rows(PARTIES, debtor=debtor, **reader.rights)
    return list(rows)


async def roles_of(tx: Tx, reader: Reader, debtor: UUID) -> list[Any]:
    """What a person is beside the debts of others, in the reader's portfolios: `role`, the debt, and whose it is, as in `parties_of`."""
    rows = await tx.rows(
        "select p.id, p.role, p.debt_id, b.ref as debt_ref, b.product_last4, r.name as creditor, b.debtor_id, d.name_sealed, k.key_name, k.wrapped,"
        f" case when {MAY_SEE} then c.id end as conversation_id from party p join debt b on b.org_id = p.org_id and b.id = p.debt_id"
        f"{_PERSON.replace('p.debtor_id', 'b.debtor_id')}"
        f" where p.org_id = :org and p.debtor_id = :debtor and {_SERVED} order by p.role, b.ref, p.id",
        debtor=debtor,
        **reader.rights,
    )
    return list(rows)


_PERSON = (
    " join creditor r on r.org_id = b.org_id and r.id = b.creditor_id join debtor d on d.org_id = b.org_id and d.id = p.debtor_id"
    " join person_key k on k.org_id = b.org_id and k.person_id = p.debtor_id"
    " join conversation c on c.org_id = b.org_id and c.debtor_id = p.debtor_id"
)
_SERVED = "(:sees_all or b.creditor_id = any(cast(:portfolios as uuid[])))"
PARTIES = (
    "select p.id, p.role, p.debt_id, b.ref as debt_ref, b.product_last4, r.name as creditor, p.debtor_id, d.name_sealed, k.key_name, k.wrapped,"
    f" case when {MAY_SEE} then c.id end as conversation_id from debt b join party p on p.org_id = b.org_id and p.debt_id = b.id{_PERSON}"
    f" where b.org_id = :org and b.debtor_id = :debtor and {_SERVED} order by b.ref, p.role, p.id"
)


async def add_party(tx: Tx, reader: Reader, debtor: UUID, debt: UUID, role: str, *, person: UUID | None = None, name: str = "") -> UUID:
    """Put somebody beside a client's debt: a `person` whom the reader sees, or a new one by `name`; returns the party's id.

    Raises `InvalidField` for a role that is none or another one's debt, `NotFound` for a stranger, `Conflict` for who stands there already, or where a
    colleague attends the client.
    """
    require_writer(reader)
    _check_role(role)
    creditor = await _creditor_of(tx, reader, debtor, debt)
    if person is None:
        person = await new_person(tx, name=name)
        await new_conversation(tx, person, "open", [creditor])
    else:
        person = (await access_debtor(tx, reader, person)).debtor_id
    if person == debtor:
        raise Conflict(N_("This is the client's own account."))
    threads = await lock_threads(tx, (debtor, person))
    await require_hold(tx, reader, threads[debtor].assigned_agent_id)
    added = await tx.value(
        "insert into party (org_id, id, debt_id, debtor_id, role, created_at) values (:org, :id, :debt, :person, :role, :now)"
        " on conflict (org_id, debt_id, debtor_id) do nothing returning id",
        id=new_id(),
        debt=debt,
        person=person,
        role=role,
    )
    if added is None:
        raise Conflict(N_("This person stands beside this account already."))
    for thread in threads.values():
        await touch(tx, thread.conversation_id)
    await audit.record(tx, f"agent:{reader.agent_id}", "party.added", debtor, party=added, person=person, debt=debt, role=role)
    return UUID(str(added))


async def change_party(tx: Tx, reader: Reader, debtor: UUID, party: UUID, role: str | None) -> None:
    """Give a party another role, or with None take them away from the debt. Raises `NotFound`, `InvalidField` and `Conflict`."""
    require_writer(reader)
    if role is not None:
        _check_role(role)
    row = await tx.row(
        "select p.debtor_id, p.role from party p join debt b on b.org_id = p.org_id and b.id = p.debt_id"
        f" where p.org_id = :org and p.id = :party and b.debtor_id = :debtor and {_SERVED}",
        party=party,
        debtor=debtor,
        **reader.rights,
    )
    if row is None:
        raise NotFound
    threads = await lock_threads(tx, (debtor, row.debtor_id))
    await require_hold(tx, reader, threads[debtor].assigned_agent_id)
    if role is None:
        await tx.run("delete from party where org_id = :org and id = :party", party=party)
    else:
        await tx.run("update party set role = :role where org_id = :org and id = :party", party=party, role=role)
    for thread in threads.values():
        await touch(tx, thread.conversation_id)
    action = "party.removed" if role is None else "party.changed"
    await audit.record(tx, f"agent:{reader.agent_id}", action, debtor, party=party, person=row.debtor_id, role=role, was=row.role)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidField("role", N_("Choose what this person is to the account."))


async def _creditor_of(tx: Tx, reader: Reader, debtor: UUID, debt: UUID) -> UUID:
    found: UUID | None = await tx.value(
        f"select b.creditor_id from debt b where b.org_id = :org and b.id = :debt and b.debtor_id = :debtor and {_SERVED}",
        debt=debt,
        debtor=debtor,
        **reader.rights,
    )
    if found is None:
        raise InvalidField("debt", N_("this is not a debt of this client"))
    return found
