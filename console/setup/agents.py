"""The people who work here on the settings' pages: invited, changed, switched off and on. Nobody locks themselves out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from base import audit
from base.db import Tx
from base.errors import InvalidField, NotFound
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.choices import languages, roles, zones
from console.setup.office import AnyRequest, actor_of, enter, go_on, ids, read_form, setup_page, with_problem
from console.views.setup import AgentRow, Choice, Form, LinkView
from inbox.product import Product
from staff.invitations import invite, revoke
from staff.models import Role
from staff.people import add_agent, change_agent, list_agents, list_teams, put_in_teams, switch_agent

_FIELDS = ("name", "email", "role", "language", "zone")
_YOURSELF = N_("You cannot take your own rights away. Ask another administrator.")


@get("/setup/agents", include_in_schema=False)
async def agents_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """Everybody, and a form for one more."""
    desk = enter(request, renderer, session)
    return await show_agents(request, product, desk, session, await _empty(product, desk))


@post("/setup/agents", status_code=200, include_in_schema=False)
async def add_agent_form(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """Somebody new; the answer shows their link, once."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS, ("teams",))
    try:
        async with product.work() as tx:
            told = {name: form.value(name) for name in ("email", "name", "language", "zone")}
            agent = await add_agent(tx, role=role_of(form), **told)
            await put_in_teams(tx, agent, ids(form, "teams"))
            await audit.record(tx, actor_of(desk), "agent.recorded", agent, role=form.value("role"))
            token = await invite(tx, actor_of(desk), agent, desk.reader.agent_id)
    except InvalidField as wrong:
        return await show_agents(request, product, desk, session, with_problem(desk, form, wrong), status=422)
    link = LinkView(form.value("name"), form.value("email"), link_of(product, token))
    return await show_agents(request, product, desk, session, await _empty(product, desk), links=(link,))


@get("/setup/agents/{agent_id:uuid}", include_in_schema=False)
async def agent_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session, agent_id: UUID) -> Response[str]:
    """One person's form."""
    desk = enter(request, renderer, session)
    async with product.db.transaction() as tx:
        row = await _agent(tx, agent_id)
    told = {name: getattr(row, name) for name in _FIELDS}
    form = Form(told, {"teams": tuple(str(team) for team in row.teams)})
    return await show_agents(request, product, desk, session, form, agent_id)


@post("/setup/agents/{agent_id:uuid}", status_code=200, include_in_schema=False)
async def change_agent_form(request: AnyRequest, product: Product, renderer: Renderer, session: Session, agent_id: UUID) -> Response[Any]:
    """Change what somebody is called, may do and reads, and whom they work with."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS, ("teams",))
    try:
        async with product.work() as tx:
            role = role_of(form)
            if agent_id == desk.reader.agent_id and role is not Role.ADMIN:
                raise InvalidField("role", _YOURSELF)
            told = {name: form.value(name) for name in ("name", "language", "zone")}
            await change_agent(tx, agent_id, role=role, **told)
            teams = ids(form, "teams")
            await put_in_teams(tx, agent_id, teams)
            await audit.record(tx, actor_of(desk), "agent.changed", agent_id, role=role.value, teams=teams)
    except InvalidField as wrong:
        return await show_agents(request, product, desk, session, with_problem(desk, form, wrong), agent_id, 422)
    return go_on("/setup/agents", "saved")


@post(["/setup/agents/{agent_id:uuid}/off", "/setup/agents/{agent_id:uuid}/on"], status_code=200, include_in_schema=False)
async def switch_agent_form(request: AnyRequest, product: Product, renderer: Renderer, session: Session, agent_id: UUID) -> Response[Any]:
    """Let somebody in no more, or again."""
    desk = enter(request, renderer, session)
    state = request.url.path.rpartition("/")[2]
    if agent_id == desk.reader.agent_id:
        raise InvalidField("agent", _YOURSELF)
    async with product.work() as tx:
        await switch_agent(tx, agent_id, on=state == "on")
        if state == "off":
            await revoke(tx, actor_of(desk), agent_id)
        await audit.record(tx, actor_of(desk), f"agent.switched_{state}", agent_id)
    return go_on("/setup/agents", state)


@post("/setup/agents/{agent_id:uuid}/invite", status_code=200, include_in_schema=False)
async def invite_again(request: AnyRequest, product: Product, renderer: Renderer, session: Session, agent_id: UUID) -> Response[Any]:
    """A new link for somebody, shown once; the one before it ends."""
    desk = enter(request, renderer, session)
    async with product.work() as tx:
        row = await _agent(tx, agent_id)
        token = await invite(tx, actor_of(desk), agent_id, desk.reader.agent_id)
    links = (LinkView(row.name, row.email, link_of(product, token)),)
    return await show_agents(request, product, desk, session, await _empty(product, desk), links=links)


@post("/setup/agents/{agent_id:uuid}/revoke", status_code=200, include_in_schema=False)
async def revoke_invitation(request: AnyRequest, product: Product, renderer: Renderer, session: Session, agent_id: UUID) -> Response[Any]:
    """Somebody's link ends."""
    desk = enter(request, renderer, session)
    async with product.work() as tx:
        await revoke(tx, actor_of(desk), agent_id)
    return go_on("/setup/agents", "revoked")


def role_of(form: Form) -> Role:
    """Raises `InvalidField`."""
    try:
        return Role(form.value("role"))
    except ValueError as error:
        raise InvalidField("role", N_("Choose one of the list.")) from error


def link_of(product: Product, token: str) -> str:
    """The address that a new agent opens."""
    return f"{product.settings.public_url}/welcome/{token}"


def links_csv(links: Sequence[LinkView]) -> str:
    """New links as a file. A name that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(("name", "email", "link"))
    for link in links:
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t" else cell for cell in (link.name, link.email, link.url)])
    return out.getvalue()


async def agent_rows(tx: Tx, desk: Desk) -> list[AgentRow]:
    """Everybody who works here."""
    teams = {row.id: row.name for row in await list_teams(tx)}
    return [
        AgentRow(
            id=str(row.id),
            name=row.name,
            email=row.email,
            role=row.role,
            language=row.language,
            teams=tuple(sorted(teams[team] for team in row.teams if team in teams)),
            active=row.active,
            came=row.came,
            invited_until=row.invited_until,
            zone=desk.reader.zone,
            me=row.id == desk.reader.agent_id,
        )
        for row in await list_agents(tx)
    ]


async def _agent(tx: Tx, agent: UUID) -> Any:  # noqa: ANN401 - a row
    found = next((row for row in await list_agents(tx) if row.id == agent), None)
    if found is None:
        raise NotFound
    return found


async def _empty(product: Product, desk: Desk) -> Form:
    """A form for somebody new: an agent in the only team there is, with the admin's own language and zone."""
    async with product.db.transaction() as tx:
        teams = await list_teams(tx)
    only = tuple(str(row.id) for row in teams) if len(teams) == 1 else ()
    return Form({"role": "agent", "language": desk.reader.language, "zone": desk.reader.zone}, {"teams": only})


async def show_agents(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    form: Form,
    agent: UUID | None = None,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - what the template takes
) -> Response[str]:
    """The page of everybody. `more` are new links, or a file that is being looked at."""
    async with product.db.transaction() as tx:
        rows = await agent_rows(tx, desk)
        teams = tuple(Choice(str(row.id), row.name) for row in await list_teams(tx))
    offers = {"roles": roles(desk), "languages": languages(desk), "zones": zones(form.value("zone")), "teams": teams}
    more["csv"] = links_csv(more.get("links", ()))
    context = (
        {"agents": rows, "form": form, "editing": str(agent) if agent else "", "links": (), "report": None, "pasted": "", "imported": ""}
        | offers
        | more
    )
    return setup_page(request, desk, session, "agents", status, **context)


HANDLERS: tuple[Any, ...] = (
    agents_page,
    add_agent_form,
    agent_page,
    change_agent_form,
    switch_agent_form,
    invite_again,
    revoke_invitation,
)
