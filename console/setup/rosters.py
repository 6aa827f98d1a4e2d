"""Agents from a file: every row is looked at first, and either all of them are recorded or none. The same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.words import N_
from console.desk import Desk
from console.setup.office import actor_of
from console.setup.tables import Problem, Row, plain
from staff.invitations import invite
from staff.models import Role
from staff.people import add_agent, change_agent, check_email, check_line, list_agents, list_teams, put_in_teams

COLUMNS: Final = ("name", "email", "role", "team", "language")
NEEDED: Final = ("name", "email")
LABELS: Final[Mapping[str, str]] = {
    "name": N_("Name"), "email": N_("Email"), "role": N_("Role"), "team": N_("Team"), "language": N_("Language"),
}  # fmt: skip
HEADINGS: Final = {
    "name": "name", "nombre": "name", "nome": "name", "nombreyapellido": "name", "nombrecompleto": "name", "nomecompleto": "name",
    "email": "email", "correo": "email", "correoelectronico": "email", "mail": "email",
    "role": "role", "rol": "role", "papel": "role", "cargo": "role", "perfil": "role", "funcao": "role",
    "team": "team", "equipo": "team", "equipe": "team", "time": "team",
    "language": "language", "idioma": "language", "lengua": "language",
}  # fmt: skip
ROLES: Final = {
    "": Role.AGENT, "agent": Role.AGENT, "agente": Role.AGENT, "asesor": Role.AGENT, "asesora": Role.AGENT, "gestor": Role.AGENT, "gestora": Role.AGENT,
    "supervisor": Role.SUPERVISOR, "supervisora": Role.SUPERVISOR, "supervision": Role.SUPERVISOR, "supervisao": Role.SUPERVISOR,
    "reviewer": Role.REVIEWER, "revisor": Role.REVIEWER, "revisora": Role.REVIEWER, "cumplimiento": Role.REVIEWER, "compliance": Role.REVIEWER,
    "revisiondecumplimiento": Role.REVIEWER, "revisaodeconformidade": Role.REVIEWER, "compliancereviewer": Role.REVIEWER,
    "administracion": Role.ADMIN, "administracao": Role.ADMIN,
    "admin": Role.ADMIN, "administrator": Role.ADMIN, "administrador": Role.ADMIN, "administradora": Role.ADMIN,
}  # fmt: skip
_LANGUAGES: Final = {
    "es": "es", "espanol": "es", "spanish": "es", "espanhol": "es", "castellano": "es",
    "pt": "pt", "portugues": "pt", "portuguese": "pt", "ptbr": "pt",
    "en": "en", "ingles": "en", "english": "en",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """What would come of one row: somebody new, a change, or nothing."""

    row: Row
    outcome: str
    email: str = ""
    name: str = ""
    role: Role = Role.AGENT
    language: str = "es"
    agent: UUID | None = None
    zone: str = ""
    teams: tuple[UUID, ...] = ()
    problems: tuple[Problem, ...] = ()


async def plan(tx: Tx, desk: Desk, rows: Sequence[Row]) -> list[Planned]:
    """What would come of each row, with what is wrong about it."""
    known = {row.email: row for row in await list_agents(tx)}
    teams = {plain(row.name): row.id for row in await list_teams(tx)}
    seen: set[str] = set()
    planned = []
    for row in rows:
        one = _plan(desk, row, known, teams)
        if one.email and one.email in seen:
            one = Planned(row, "wrong", problems=(Problem("email", N_("This email stands in an earlier row already."), {}),))
        seen.add(one.email)
        planned.append(one)
    return planned


async def record(tx: Tx, desk: Desk, planned: Sequence[Planned]) -> list[tuple[Planned, str]]:
    """Record all rows; returns the new people with the secrets of their links. The caller has seen that no row is wrong."""
    links = []
    actor = actor_of(desk)
    for one in planned:
        told: dict[str, Any] = {"name": one.name, "role": one.role, "language": one.language, "zone": one.zone}
        if one.outcome == "new":
            agent = await add_agent(tx, email=one.email, **told)
            links.append((one, await invite(tx, actor, agent, desk.reader.agent_id)))
        elif one.agent is not None and one.outcome == "changed":
            agent = one.agent
            await change_agent(tx, agent, **told)
        else:
            continue
        await put_in_teams(tx, agent, one.teams)
        await audit.record(
            tx, actor, f"agent.{'recorded' if one.outcome == 'new' else 'changed'}", agent, role=one.role.value, teams=list(one.teams)
        )
    return links


def _plan(desk: Desk, row: Row, known: Mapping[str, Any], teams: Mapping[str, UUID]) -> Planned:
    problems: list[Problem] = []
    name, email = _checked(row, "name", problems), _checked(row, "email", problems)
    before = known.get(email)
    role = ROLES.get(plain(row.cell("role"))) if row.cell("role") or before is None else Role(before.role)
    if role is None:
        problems.append(
            Problem("role", N_("“%(value)s” is no role: write agent, supervisor, reviewer or admin."), {"value": row.cell("role")})
        )
    language = _language(desk, row, before, problems)
    team = teams.get(plain(row.cell("team")))
    if row.cell("team") and team is None:
        problems.append(
            Problem("team", N_("There is no team “%(value)s”. Make it first, or correct the name."), {"value": row.cell("team")})
        )
    if before is not None and before.id == desk.reader.agent_id and role is not Role.ADMIN:
        problems.append(Problem("role", N_("This is you: you cannot take your own rights away."), {}))
    if before is not None and not before.active:
        problems.append(Problem("email", N_("This person is switched off. Switch them on first."), {}))
    if problems or role is None:
        return Planned(row, "wrong", email=email, problems=tuple(problems))
    planned_teams = tuple(sorted({*(before.teams if before else ()), *([team] if team else [])}, key=str))
    zone = before.zone if before else desk.reader.zone
    outcome = _outcome(before, (name, role.value, language), planned_teams)
    return Planned(row, outcome, email, name, role, language, before.id if before else None, zone, planned_teams)


def _outcome(before: Any, told: tuple[str, str, str], teams: tuple[UUID, ...]) -> str:  # noqa: ANN401 - a row or None
    if before is None:
        return "new"
    same = told == (before.name, before.role, before.language) and set(teams) == set(before.teams)
    return "same" if same else "changed"


def _checked(row: Row, column: str, problems: list[Problem]) -> str:
    try:
        return check_email(row.cell(column)) if column == "email" else check_line(row.cell(column), column)
    except InvalidField as wrong:
        problems.append(Problem(column, wrong.problem, {}))
        return ""


def _language(desk: Desk, row: Row, before: Any, problems: list[Problem]) -> str:  # noqa: ANN401 - a row or None
    told = row.cell("language")
    if not told:
        return str(before.language) if before is not None else desk.reader.language
    if plain(told) not in _LANGUAGES:
        problems.append(Problem("language", N_("“%(value)s” is no language of ours: write es, pt or en."), {"value": told}))
    return _LANGUAGES.get(plain(told), "es")
