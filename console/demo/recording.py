"""A client of the demo as rows: the person with their own key, the ways to them, what they owe, and an empty conversation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from base.audit import canonical
from base.crypto import PersonCipher
from base.ids import new_id
from channels.phones import match_key
from console.demo.book import Row
from console.demo.clients import DemoClient, DemoDebt
from console.demo.office import Office
from console.demo.thread import Place, Thread
from debts.addresses import number_ends
from debts.names import index_name, index_starts
from debts.people import index_national_id

_CONSENT = canonical({"source": "contrato", "clause": "12"})


def new_person(office: Office, at: datetime, *, kind: str = "known", name: str | None = None, **known: Any) -> tuple[Row, PersonCipher]:  # noqa: ANN401
    """A person's row and key; `known` are columns of the debtor."""
    debtor = new_id()
    key_name, wrapped = office.tx.cipher.new_person_key(office.tx.org, debtor)
    person = office.tx.person(debtor, key_name, wrapped)
    office.book.add("person_key", person_id=debtor, key_name=key_name, wrapped=wrapped, created_at=at)
    row = office.book.add("debtor", id=debtor, kind=kind, created_at=at, **known)
    if name is not None:
        row["name_sealed"] = person.seal("debtor", debtor, "name", name)
        row["name_starts"] = index_starts(office.tx, name)
        for word in index_name(office.tx, name):
            office.book.add("name_word", word=word, debtor_id=debtor)
    return row, person


def new_thread(office: Office, debtor: UUID, person: PersonCipher, at: datetime, state: str, portfolios: list[UUID]) -> Thread:
    """An empty conversation."""
    row = office.book.add(
        "conversation",
        id=new_id(),
        debtor_id=debtor,
        state=state,
        revision=1,
        card_revision=1,
        position=0,
        portfolios=portfolios,
        last_at=at,
        last_inbound_position=0,
        read_position=0,
        created_at=at,
        waiting_since=None,
        snoozed_until=None,
        assigned_agent_id=None,
        team_id=None,
        disposition=None,
    )
    return Thread(office.book, debtor, person, row, portfolios[0] if len(portfolios) == 1 else None)


def link(office: Office, thread: Thread, channel: str, dialable: str, at: datetime, **more: Any) -> Place:  # noqa: ANN401 - columns
    """An address of a person's. Two people may have the same one: then it is one address with two links."""
    match = dialable.casefold() if channel == "email" else match_key(dialable)
    index = office.tx.index("email" if channel == "email" else "phone", match)
    address = office.addresses.get((channel, index))
    if address is None:
        address = office.addresses[channel, index] = office.book.add(
            "address",
            id=new_id(),
            channel=channel,
            match_index=index,
            deliverability=more.pop("deliverability", "unproven"),
            deliverability_at=None,
            created_at=at,
        )
    link_id = new_id()
    sealed = thread.person.seal("address_link", link_id, "dialable", dialable)
    values = {"status": "claimed", "consent": _CONSENT, "number_ends": number_ends(office.tx, channel, dialable), **more}
    row = office.book.add(
        "address_link", id=link_id, address_id=address["id"], debtor_id=thread.debtor, dialable_sealed=sealed, created_at=at, **values
    )
    return Place(address, dialable, row)


def record(office: Office, client: DemoClient, at: datetime) -> Thread:
    """A known client, as the creditor's file told of them at that moment."""
    debtor, person = new_person(
        office,
        at,
        name=client.name,
        ref=client.ref,
        country=client.country.code,
        city=client.city[0],
        region=client.city[1],
        zone=client.zone,
        language=client.language,
        national_id_index=index_national_id(office.tx, client.national_id),
    )
    debtor["national_id_sealed"] = person.seal("debtor", debtor["id"], "national_id", client.national_id)
    portfolios = sorted({office.creditors[debt.creditor] for debt in client.debts})
    thread = new_thread(office, debtor["id"], person, at, "open", portfolios)
    thread.portfolio = office.creditors[client.debts[0].creditor]
    thread.places = {channel: link(office, thread, channel, client.phone, at) for channel in _channels(client)}
    later = at + timedelta(seconds=1)
    if client.second:
        link(office, thread, "sms", client.second, later, deliverability="invalid" if client.number % 3 == 0 else "unproven")
    if client.email:
        link(office, thread, "email", client.email, later)
    for debt in client.debts:
        _debt(office, thread, client, debt, at)
    office.book.tell(at, "system:demo", "client.recorded", thread.debtor, new=True, addresses=len(thread.places), debts=len(client.debts))
    return thread


def _channels(client: DemoClient) -> tuple[str, ...]:
    return ("sms", "whatsapp") if client.whatsapp else ("sms",)


def _debt(office: Office, thread: Thread, client: DemoClient, debt: DemoDebt, at: datetime) -> None:
    now = office.tx.now
    row = office.book.add(
        "debt",
        id=new_id(),
        debtor_id=thread.debtor,
        creditor_id=office.creditors[debt.creditor],
        ref=debt.ref,
        product_last4=debt.last4,
        total_due=debt.total,
        minimum_due=debt.minimum,
        currency=client.country.currency,
        due_on=(now - timedelta(days=debt.late)).date(),
        days_past_due=debt.late,
        payment_reference=debt.reference,
        updated_at=at,
    )
    thread.debts.append(row)


def twin_of(client: DemoClient, number: int) -> DemoClient:
    """The same person as another portfolio's file knows them: under another reference, with the second name cut to a letter, one account."""
    first, last, other = client.name.split()[:3]
    debt = replace(client.debts[0], ref=f"{client.debts[0].ref}-B", last4=f"{number:04d}"[-4:], late=8)
    return replace(
        client,
        number=number,
        ref=f"{client.ref}-B",
        name=f"{first} {last} {other}",
        channel="whatsapp",
        stands="open",
        debts=(debt,),
        email="",
    )
