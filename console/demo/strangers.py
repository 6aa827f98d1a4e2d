"""People around the clients: strangers in triage who may be somebody, two rows that are one person, and who stands beside a debt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from base.ids import new_id
from console.demo.clients import DemoClient
from console.demo.hearing import hear
from console.demo.office import Office
from console.demo.recording import link, new_person, new_thread, record, twin_of
from console.demo.thread import Thread

_PHONE = "+57399009{:04d}"
_ROLES = ("co_debtor", "guarantor", "reference", "guarantor", "co_debtor", "third")
_RELATIVES = (
    ("Nelly Cifuentes Lemus", 2),
    ("Orlando Peñalosa Rojas", 7),
    ("Teresa Villegas Pardo", 14),
    ("Humberto Castaño Ariza", 21),
    ("Graciela Solís Trejo", 120),
    ("Ernesto Valdés Tapia", 190),
    ("Irma Quispe Flores", 230),
    ("Neusa Ribeiro Gomes", 270),
)
# Clients who stand beside another client's debt: whose it is, and who.
_BESIDE = ((3, 5), (9, 12), (17, 25), (33, 40), (130, 131), (200, 204), (240, 243), (280, 284))


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who wrote and whom nobody knows yet. `sender` is their address, `script` how they answer in the simulator."""

    channel: str
    sender: str
    minutes: int
    lines: tuple[str, ...]
    profile: str = ""
    script: str = ""


def strangers(clients: Sequence[DemoClient]) -> list[Stranger]:
    """Who waits in triage: some of them name themselves, one writes from a client's own number, one has no number at all."""
    texting = next(client for client in clients if not client.whatsapp and client.stands == "open" and client.country.code == "CO")
    named, other = clients[10], clients[20]
    return [
        Stranger("sms", _PHONE.format(1), 11, ("Buenas tardes, me dejaron este número, ¿de qué se trata?",)),
        Stranger("whatsapp", texting.phone, 26, ("Hola, les escribo por acá que me queda más fácil",), " ".join(texting.name.split()[:2])),
        Stranger(
            "sms", _PHONE.format(2), 58, (f"Hola, cambié de número. Mi referencia es {named.debts[0].ref}", "¿me actualizan por favor?")
        ),
        Stranger(
            "whatsapp",
            "CO.4471903355218870",
            73,
            ("Hola, ¿con quién hablo? Me dijeron que escribiera aquí por mi cuenta", f"termina en {other.debts[0].last4}"),
            " ".join(other.name.split()[:2]),
        ),
        Stranger("sms", _PHONE.format(3), 140, ("hola quien es?",), script="wrong_person"),
        Stranger("whatsapp", "+551190009004", 205, ("Oi, recebi uma mensagem de vocês, do que se trata?",), "Ju"),
        Stranger("sms", _PHONE.format(5), 390, ("Yo no soy la señora que buscan, este celular es mío hace un año",), script="wrong_person"),
    ]


def receive_strangers(office: Office, found: Sequence[Stranger]) -> None:
    """Each of them as `inbox.speakers` makes a person of whom nothing is known but the address they wrote from."""
    for one in found:
        at = office.tx.now - timedelta(minutes=one.minutes)
        debtor, person = new_person(office, at, kind="provisional")
        thread = new_thread(office, debtor["id"], person, at, "triage", [])
        place = link(office, thread, one.channel, one.sender, at, status="confirmed", since=at, consent=None)
        place.prove(at)
        if one.profile:
            place.link["profile_name_sealed"] = person.seal("address_link", place.link["id"], "profile_name", one.profile)
        thread.places = {one.channel: place}
        for number, line in enumerate(one.lines):
            hear(office, thread, one.channel, at + timedelta(seconds=40 * number), line)


def record_twin(office: Office, clients: Sequence[DemoClient]) -> None:
    """One person twice: the same name and number, under the references of two files. Somebody should put them together."""
    original = next(client for client in clients if client.whatsapp and client.stands == "waiting" and client.country.code == "CO")
    twin = twin_of(original, len(clients) + 1)
    at = office.tx.now - timedelta(days=12)
    thread = record(office, twin, at)
    hear(
        office,
        thread,
        "whatsapp",
        office.tx.now - timedelta(minutes=95),
        "Buenas, ¿me tienen dos veces en el sistema? En la app veo dos cuentas",
    )


def record_parties(office: Office, threads: Sequence[Thread]) -> None:
    """Relatives who are nobody's clients, and clients who stand beside another one's debt. `threads` are in the order of the clients."""
    at = office.tx.now - timedelta(days=61)
    for number, (name, beside) in enumerate(_RELATIVES):
        thread = threads[beside - 1]
        debtor, person = new_person(office, at, name=name)
        new_thread(office, debtor["id"], person, at, "open", [thread.debts[0]["creditor_id"]])
        _party(office, thread, debtor["id"], _ROLES[number % len(_ROLES)])
    for number, (owing, beside) in enumerate(_BESIDE):
        _party(office, threads[owing - 1], threads[beside - 1].debtor, _ROLES[(number + 1) % len(_ROLES)])
        threads[beside - 1].touch()


def _party(office: Office, thread: Thread, person: object, role: str) -> None:
    at = thread.row["created_at"]
    party = office.book.add("party", id=new_id(), debt_id=thread.debts[0]["id"], debtor_id=person, role=role, created_at=at)
    thread.touch()
    fact = {"party": party["id"], "person": person, "debt": thread.debts[0]["id"], "role": role}
    office.book.tell(at, "system:demo", "party.added", thread.debtor, **fact)
