"""The path from an empty organisation to the first lawful message: what is there, and which step comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from litestar import Response, get

from base.db import Tx
from base.words import N_
from console.desk import Desk
from console.desk.prepared import prepared_views
from console.rendering import Renderer
from console.session import Session
from console.setup.agents import agent_rows
from console.setup.creditors import creditor_rows
from console.setup.office import AnyRequest, enter, setup_page
from console.setup.reach import reach_view
from console.setup.teams import team_rows
from console.views.prepared import PreparedView
from console.views.setup import ContactableView, StepView
from inbox.product import Product
from inbox.senders import has_reached_somebody, list_numbers
from inbox.templates import in_use
from staff.founding import organisation_name
from staff.models import Role

_MOST_FACTS = 4


@get("/setup", include_in_schema=False)
async def checklist_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The steps for admins; supervisors see who can be contacted."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    async with product.work() as tx:
        reach = await reach_view(tx, desk, product)
        organisation = await organisation_name(tx)
        steps = await _steps(tx, desk, product, reach) if desk.reader.role is Role.ADMIN else []
    ready = bool(steps) and all(step.done or step.optional for step in steps)
    return setup_page(request, desk, session, "checklist", steps=steps, reach=reach, organisation=organisation, ready=ready)


async def _steps(tx: Tx, desk: Desk, product: Product, reach: ContactableView) -> list[StepView]:
    """All steps; the first that is not done is open."""
    numbers = await list_numbers(tx, product.settings)
    tested = [one.label or one.address for one in numbers if one.tested_at is not None]
    teams = await team_rows(tx)
    others = [row.name for row in await agent_rows(tx, desk) if row.active and not row.me]
    steps = [
        _creditor(desk, [row.name for row in await creditor_rows(tx, desk)]),
        _team(desk, [row.name for row in teams], served=any(row.creditors for row in teams)),
        _people(desk, others),
        _sender(desk, tested),
        _texts(desk, prepared_views(desk, await in_use(tx, desk.reader))),
        _clients(desk, reach),
        _first_message(desk, reach, done=await has_reached_somebody(tx)),
    ]
    following = next((number for number, step in enumerate(steps) if not (step.done or step.optional)), None)
    return [replace(step, open=number == following) for number, step in enumerate(steps)]


def _creditor(desk: Desk, names: Sequence[str]) -> StepView:
    lead = desk.say(N_("Whom the money is owed to, and whether it is your own organisation."))
    title, action = desk.say(N_("Creditors")), desk.say(N_("Add a creditor"))
    return StepView("creditors", "building", title, lead, "/setup/creditors", action, bool(names), open=False, facts=_some(desk, names))


def _team(desk: Desk, names: Sequence[str], *, served: bool) -> StepView:
    lead = desk.say(N_("Who works together, and whose clients they attend. Nobody sees the clients of other teams."))
    title, action = desk.say(N_("Teams")), desk.say(N_("Make a team"))
    return StepView("teams", "users", title, lead, "/setup/teams", action, served, open=False, facts=_some(desk, names))


def _people(desk: Desk, names: Sequence[str]) -> StepView:
    lead = desk.say(N_("Invite your people one by one, or all at once from a file."))
    title, action = desk.say(N_("People")), desk.say(N_("Invite people"))
    return StepView("agents", "user-plus", title, lead, "/setup/agents", action, bool(names), open=False, facts=_some(desk, names))


def _sender(desk: Desk, names: Sequence[str]) -> StepView:
    lead = desk.say(N_("Send yourself a test message, and watch it arrive on your own phone."))
    title, action = desk.say(N_("Your number")), desk.say(N_("Send a test"))
    return StepView("senders", "send", title, lead, "/setup/senders", action, bool(names), open=False, facts=_some(desk, names))


def _texts(desk: Desk, prepared: Sequence[PreparedView]) -> StepView:
    lead = desk.say(N_("What your team sends often, well said once. WhatsApp needs an approved template to begin a conversation."))
    title, action = desk.say(N_("Prepared texts")), desk.say(N_("Write a text"))
    facts = _some(desk, [one.name for one in prepared])
    return StepView(
        "templates", "template", title, lead, "/setup/templates", action, bool(prepared), open=False, facts=facts, optional=True
    )


def _clients(desk: Desk, reach: ContactableView) -> StepView:
    lead = desk.say(N_("Who owes what, and where they can be reached. One by one, or from a file."))
    title, action = desk.say(N_("Clients")), desk.say(N_("Add clients"))
    facts = (desk.counted("%(num)s client", "%(num)s clients", reach.total),) if reach.total else ()
    return StepView("clients", "contact", title, lead, "/setup/clients", action, bool(reach.total), open=False, facts=facts)


def _first_message(desk: Desk, reach: ContactableView, *, done: bool) -> StepView:
    lead = desk.say(N_("The law is asked before every contact. Open the first client whom you may write to now."))
    title, action = desk.say(N_("Your first message")), desk.say(N_("Open the first client"))
    href = f"/c/{reach.first}?view=unassigned" if reach.first else "/setup/contactable"
    facts = (desk.say(N_("The first one has arrived.")),) if done else ()
    return StepView("first", "message", title, lead, href, action, done, open=False, facts=facts)


def _some(desk: Desk, names: Sequence[str]) -> tuple[str, ...]:
    """The first names, and how many more there are."""
    more = len(names) - _MOST_FACTS
    return (*names[:_MOST_FACTS], *([desk.counted("and %(num)s more", "and %(num)s more", more)] if more > 0 else []))


HANDLERS: tuple[Any, ...] = (checklist_page,)
