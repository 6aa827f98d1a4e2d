"""Teams on the settings' pages: who works together, and which portfolios they serve. Supervisors look, admins change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from base import audit
from base.db import Tx
from base.errors import InvalidField, NotFound
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.office import AnyRequest, actor_of, enter, go_on, ids, read_form, setup_page, with_problem
from console.views.setup import Choice, Form, TeamRow
from debts.creditors import list_creditors, serve_creditors
from inbox.product import Product
from staff.models import Role
from staff.people import list_teams, name_team


@get("/setup/teams", include_in_schema=False)
async def teams_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The teams, and for admins a form for one more."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    async with product.db.transaction() as tx:
        creditors = await list_creditors(tx)
        first = tuple(str(row.id) for row in creditors) if len(creditors) == 1 else ()
    return await _show(request, product, desk, session, Form({}, {"creditors": first}))


@post("/setup/teams", status_code=200, include_in_schema=False)
async def add_team(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """One more team."""
    return await _record(request, product, enter(request, renderer, session), session, None)


@get("/setup/teams/{team_id:uuid}", include_in_schema=False)
async def team_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session, team_id: UUID) -> Response[str]:
    """One team's form."""
    desk = enter(request, renderer, session)
    async with product.db.transaction() as tx:
        team = next((row for row in await list_teams(tx) if row.id == team_id), None)
        if team is None:
            raise NotFound
        served = tuple(str(row.id) for row in await list_creditors(tx) if team_id in row.teams)
    return await _show(request, product, desk, session, Form({"name": team.name}, {"creditors": served}), team_id)


@post("/setup/teams/{team_id:uuid}", status_code=200, include_in_schema=False)
async def change_team(request: AnyRequest, product: Product, renderer: Renderer, session: Session, team_id: UUID) -> Response[Any]:
    """Another name, other portfolios."""
    return await _record(request, product, enter(request, renderer, session), session, team_id)


async def _record(request: AnyRequest, product: Product, desk: Desk, session: Session, team: UUID | None) -> Response[Any]:
    form = await read_form(request, ("name",), ("creditors",))
    try:
        async with product.work() as tx:
            recorded = await name_team(tx, form.value("name"), team)
            creditors = ids(form, "creditors")
            await serve_creditors(tx, recorded, creditors)
            await audit.record(tx, actor_of(desk), "team.recorded" if team is None else "team.changed", recorded, creditors=creditors)
    except InvalidField as wrong:
        return await _show(request, product, desk, session, with_problem(desk, form, wrong), team, 422)
    return go_on("/setup/teams", "added" if team is None else "saved")


async def team_rows(tx: Tx) -> list[TeamRow]:
    """All teams with the names of their people and portfolios."""
    creditors = await list_creditors(tx)
    return [
        TeamRow(str(row.id), row.name, tuple(row.members), tuple(one.name for one in creditors if row.id in one.teams))
        for row in await list_teams(tx)
    ]


async def _show(
    request: AnyRequest, product: Product, desk: Desk, session: Session, form: Form, team: UUID | None = None, status: int = 200
) -> Response[str]:
    async with product.db.transaction() as tx:
        rows = await team_rows(tx)
        creditors = tuple(Choice(str(row.id), row.name) for row in await list_creditors(tx))
    editing = str(team) if team else ""
    return setup_page(request, desk, session, "teams", status, teams=rows, creditors=creditors, form=form, editing=editing)


HANDLERS: tuple[Any, ...] = (teams_page, add_team, team_page, change_team)
