"""Debtors: recorded from cards, found again by reference, and their names opened for those who may see them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from base.crypto import PersonCipher
from base.db import Tx
from base.errors import Conflict, InvalidField, Raced
from base.ids import new_id
from base.signs import typed
from base.words import N_
from debts.addresses import link_address
from debts.cards import OWN_NUMBER, OWN_REFERENCE, DebtCard, DebtorCard
from debts.creditors import creditor_id_by_name
from debts.names import record_name_words, words_of

# The row of a reference, and that of the person it was merged into, if it was: what is told of one is told of the other.
_BY_REF = (
    "select d.id, d.ref, d.merged_into, k.key_name, k.wrapped from debtor w join debtor d on d.org_id = w.org_id"
    " and d.id = coalesce(w.merged_into, w.id) join person_key k on k.org_id = d.org_id and k.person_id = d.id"
    " where w.org_id = :org and w.ref = :ref for no key update of d"
)


async def record_debtor(tx: Tx, card: DebtorCard) -> tuple[UUID, bool]:
    """Insert or update a person by reference, with addresses and debts; returns the id, and whether the person is new.

    The debtor's row is locked from here to the end of the transaction. Of a person who was merged into another, the addresses and debts are
    the other's, who keeps their own name. Raises `Conflict` for a debt that is already another person's, `Raced` for a merge at this moment.
    """
    existing = await tx.row(_BY_REF, ref=card.ref)
    if existing is None:
        existing, new = await _insert(tx, card)
    else:
        new = False
    if existing.merged_into is not None:
        raise Raced("This client was merged at the same moment.")
    person = tx.person(existing.id, existing.key_name, existing.wrapped)
    if existing.ref == card.ref:
        await _update(tx, existing.id, person, card)
    for address in card.addresses:
        await link_address(tx, existing.id, person, address)
    for debt in sorted(card.debts, key=lambda debt: (debt.creditor, debt.ref)):
        await _record_debt(tx, existing.id, debt)
    return existing.id, new


async def _insert(tx: Tx, card: DebtorCard) -> tuple[Any, bool]:
    """A new row, or the one that somebody else inserted meanwhile (the unique reference makes us wait for them)."""
    inserted = await tx.row(
        "insert into debtor (org_id, id, kind, ref, created_at) values (:org, :id, 'known', :ref, :now)"
        " on conflict (org_id, ref) where ref is not null do nothing returning id",
        id=new_id(),
        ref=card.ref,
    )
    if inserted is not None:
        await tx.new_person_key(inserted.id)
    row = await tx.row(_BY_REF, ref=card.ref)
    return row, inserted is not None


async def _update(tx: Tx, debtor: UUID, person: PersonCipher, card: DebtorCard) -> None:
    await tx.run(
        "update debtor set name_sealed = :name,"
        " national_id_sealed = coalesce(cast(:national_id as bytea), national_id_sealed),"
        " national_id_index = coalesce(cast(:national_id_index as bytea), national_id_index),"
        " birth_date_sealed = coalesce(cast(:birth_date as bytea), birth_date_sealed),"
        " country = coalesce(cast(:country as text), country, cast(:home as text)), region = coalesce(cast(:region as text), region),"
        " city = coalesce(cast(:city as text), city), language = coalesce(cast(:language as text), language),"
        " zone = coalesce(cast(:zone as text), zone) where org_id = :org and id = :id",
        id=debtor,
        name=person.seal("debtor", debtor, "name", card.name),
        national_id=None if card.national_id is None else person.seal("debtor", debtor, "national_id", card.national_id),
        national_id_index=None if card.national_id is None else index_national_id(tx, card.national_id),
        birth_date=None if card.birth_date is None else person.seal("debtor", debtor, "birth_date", card.birth_date.isoformat()),
        country=card.country,
        home=card.home,
        region=card.region,
        city=card.city,
        language=card.language,
        zone=card.zone,
    )
    await record_name_words(tx, debtor, card.name)


async def name_person(
    tx: Tx,
    debtor: UUID,
    person: PersonCipher,
    *,
    name: str,
    country: str | None = None,
    language: str | None = None,
    ref: str | None = None,
) -> None:
    """Make a known person of somebody whose row the caller has locked. Raises `InvalidField` for no name, or a reference that somebody else has."""
    name = typed(name, "name").strip()
    if not words_of(name):
        raise InvalidField("name", N_("Write the client's name."))
    if ref is not None and ref.startswith(OWN_NUMBER):
        raise InvalidField("ref", OWN_REFERENCE)
    taken = await tx.value("select id from debtor where org_id = :org and ref = cast(:ref as text) and id <> :id", ref=ref, id=debtor)
    if taken is not None:
        raise InvalidField("ref", N_("Another client has this reference. Search for it instead."))
    await tx.run(
        "update debtor set kind = 'known', name_sealed = :name, country = coalesce(cast(:country as text), country),"
        " language = coalesce(cast(:language as text), language), ref = coalesce(cast(:ref as text), ref) where org_id = :org and id = :id",
        id=debtor,
        name=person.seal("debtor", debtor, "name", name),
        country=country,
        language=language,
        ref=ref,
    )
    await record_name_words(tx, debtor, name)


async def new_person(tx: Tx, *, name: str, country: str | None = None, language: str | None = None) -> UUID:
    """A known person without reference, addresses or debts: somebody who is named beside another one's debt."""
    debtor = new_id()
    await tx.run("insert into debtor (org_id, id, kind, created_at) values (:org, :id, 'known', :now)", id=debtor)
    await name_person(tx, debtor, await tx.new_person_key(debtor), name=name, country=country, language=language)
    return debtor


def index_national_id(tx: Tx, written: str) -> bytes:
    """The blind index of a national id, however its dots and dashes are written."""
    return tx.index("national_id", re.sub(r"[\W_]", "", written).casefold())


async def _record_debt(tx: Tx, debtor: UUID, debt: DebtCard) -> None:
    creditor = await creditor_id_by_name(tx, debt.creditor)
    written = await tx.run(
        "insert into debt (org_id, id, debtor_id, creditor_id, ref, product_last4, total_due, minimum_due, currency, due_on, days_past_due,"
        " payment_reference, legal_state, updated_at) values (:org, :id, :debtor, :creditor, :ref, :product_last4, :total_due, :minimum_due,"
        " :currency, :due_on, :days_past_due, :payment_reference, :legal_state, :now)"
        " on conflict (org_id, creditor_id, ref) do update set"
        " product_last4 = coalesce(excluded.product_last4, debt.product_last4), total_due = coalesce(excluded.total_due, debt.total_due),"
        " minimum_due = coalesce(excluded.minimum_due, debt.minimum_due), currency = coalesce(excluded.currency, debt.currency),"
        " due_on = coalesce(excluded.due_on, debt.due_on), days_past_due = coalesce(excluded.days_past_due, debt.days_past_due),"
        " payment_reference = coalesce(excluded.payment_reference, debt.payment_reference),"
        " legal_state = coalesce(excluded.legal_state, debt.legal_state), updated_at = excluded.updated_at"
        " where debt.debtor_id = excluded.debtor_id",
        id=new_id(),
        debtor=debtor,
        creditor=creditor,
        ref=debt.ref,
        product_last4=debt.product_last4,
        total_due=debt.total_due,
        minimum_due=debt.minimum_due,
        currency=debt.currency,
        due_on=debt.due_on,
        days_past_due=debt.days_past_due,
        payment_reference=debt.payment_reference,
        legal_state=debt.legal_state,
    )
    if not written:
        raise Conflict(N_("A debt with this reference belongs to another client. Correct its reference, or move it first."))


async def portfolios_of(tx: Tx, debtor: UUID) -> list[UUID]:
    """The creditors a person owes to, in a stable order."""
    rows = await tx.rows(
        "select distinct creditor_id from debt where org_id = :org and debtor_id = :debtor order by creditor_id", debtor=debtor
    )
    return [row.creditor_id for row in rows]


def open_name(tx: Tx, row: Any) -> str | None:  # noqa: ANN401 - any row with the columns named below
    """The name in a row that has `debtor_id`, `name_sealed`, `key_name` and `wrapped`; None for provisional people."""
    if row.name_sealed is None:
        return None
    return tx.person(row.debtor_id, row.key_name, row.wrapped).open("debtor", row.debtor_id, "name", bytes(row.name_sealed))
