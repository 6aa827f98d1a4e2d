"""Who works in the demo: the five people who can sign in, their colleagues, and the teams with the portfolios that they serve."""

from __future__ import annotations

from dataclasses import dataclass

from debts.cards import CreditorCard
from staff.models import Role

ANDES, SUR, BRASIL = "Equipo Andes", "Equipo Sur", "Time Brasil"
AURORA, TIENDAS, CONDOR, AURORA_BR = "Banco Aurora", "Tiendas del Sur", "Telefonía Cóndor", "Banco Aurora Brasil"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works here."""

    email: str
    name: str
    role: Role
    teams: tuple[str, ...] = ()
    language: str = "es"
    zone: str = "America/Bogota"


PEOPLE = (Person("admin@trato.example", "Administración", Role.ADMIN),)
DEMO_PEOPLE = (
    Person("supervisora@trato.example", "Marta Quintero", Role.SUPERVISOR, (ANDES, SUR, BRASIL)),
    Person("ana@trato.example", "Ana Restrepo", Role.AGENT, (ANDES,)),
    Person("luis@trato.example", "Luis Cárdenas", Role.AGENT, (ANDES,)),
    Person("revisora@trato.example", "Irene Salcedo", Role.REVIEWER),
)
# Colleagues whose passwords nobody knows: `trato invite EMAIL` lets one of them in.
COLLEAGUES = (
    Person("camila@trato.example", "Camila Ospina", Role.AGENT, (ANDES,)),
    Person("diego@trato.example", "Diego Valencia", Role.AGENT, (ANDES,), zone="America/Mexico_City"),
    Person("ximena@trato.example", "Ximena Ibarra", Role.AGENT, (ANDES,), zone="America/Mexico_City"),
    Person("matias@trato.example", "Matías Fuentes", Role.AGENT, (SUR,), zone="America/Santiago"),
    Person("javiera@trato.example", "Javiera Pizarro", Role.AGENT, (SUR,), zone="America/Santiago"),
    Person("rosaelena@trato.example", "Rosa Elena Huamán", Role.AGENT, (SUR,), zone="America/Lima"),
    Person("gonzalo@trato.example", "Gonzalo Paredes", Role.AGENT, (SUR,), zone="America/Lima"),
    Person("thiago@trato.example", "Thiago Moreira", Role.AGENT, (BRASIL,), "pt", "America/Sao_Paulo"),
    Person("larissa@trato.example", "Larissa Azevedo", Role.AGENT, (BRASIL,), "pt", "America/Sao_Paulo"),
    Person("beatriz@trato.example", "Beatriz Nogueira", Role.AGENT, (BRASIL,), "pt", "America/Sao_Paulo"),
    Person("renata@trato.example", "Renata Salles", Role.SUPERVISOR, (BRASIL,), "pt", "America/Sao_Paulo"),
)
CREDITORS = (
    CreditorCard(
        AURORA,
        "900123456-1",
        "bank",
        first_party=True,
        country="CO",
        payment_destinations=[{"kind": "pse", "name": "PSE Banco Aurora"}, {"kind": "cash", "name": "Corresponsales Banco Aurora"}],
        team=ANDES,
    ),
    CreditorCard(
        CONDOR,
        "901987654-3",
        "telecom",
        first_party=False,
        country="CO",
        payment_destinations=[{"kind": "pse", "name": "PSE Telefonía Cóndor"}],
        team=ANDES,
    ),
    CreditorCard(
        TIENDAS,
        "76.543.210-K",
        "store",
        first_party=True,
        country="CL",
        payment_destinations=[
            {"kind": "transfer", "name": "Transferencia Tiendas del Sur"},
            {"kind": "cash", "name": "Cajas Tiendas del Sur"},
        ],
        team=SUR,
    ),
    CreditorCard(
        AURORA_BR,
        "12.345.678/0001-95",
        "bank",
        first_party=True,
        country="BR",
        payment_destinations=[{"kind": "pix", "name": "Pix Banco Aurora Brasil"}, {"kind": "boleto", "name": "Boleto Banco Aurora Brasil"}],
        team=BRASIL,
    ),
)


def agents_of(team: str) -> list[Person]:
    """The agents of one team, the known ones first."""
    return [person for person in (*DEMO_PEOPLE, *COLLEAGUES) if person.role is Role.AGENT and team in person.teams]


def team_of(creditor: str) -> str:
    """Which team serves a creditor."""
    return next(card.team for card in CREDITORS if card.name == creditor and card.team)
