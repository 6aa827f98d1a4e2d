"""Creditors on the settings' pages: whom the money is owed to, what that means for WhatsApp, and where clients pay."""

from __future__ import annotations

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
from console.setup.choices import COUNTRIES, CREDITOR_TYPES, countries, country_name, creditor_types
from console.setup.office import AnyRequest, actor_of, enter, go_on, read_form, setup_page, with_problem
from console.views.setup import CreditorRow, Form
from debts.cards import CreditorCard
from debts.creditors import change_creditor, list_creditors, record_creditor
from inbox.product import Product
from inbox.stopping import confirm_whatsapp
from staff.people import check_line, list_teams

_FIELDS = ("name", "type", "party", "country", "tax_id", "destinations", "whatsapp")
_MOST_DESTINATIONS = 20


@get("/setup/creditors", include_in_schema=False)
async def creditors_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The creditors, and a form for one more."""
    desk = enter(request, renderer, session)
    return await _show(request, product, desk, session, Form({"type": "bank", "party": "first", "country": "CO"}))


@post("/setup/creditors", status_code=200, include_in_schema=False)
async def add_creditor(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """One more creditor."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS)
    try:
        async with product.work() as tx:
            card = _card(form)
            if any(row.name.casefold() == card.name.casefold() for row in await list_creditors(tx)):
                raise InvalidField("name", N_("Another creditor has this name already."))
            creditor = await record_creditor(tx, card)
            await audit.record(tx, actor_of(desk), "creditor.recorded", creditor)
            await confirm_whatsapp(tx, actor_of(desk), creditor, allowed=_confirmed(form), was=bool(card.first_party))
    except InvalidField as wrong:
        return await _show(request, product, desk, session, with_problem(desk, form, wrong), status=422)
    return go_on("/setup/creditors", "added")


@get("/setup/creditors/{creditor_id:uuid}", include_in_schema=False)
async def creditor_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session, creditor_id: UUID) -> Response[str]:
    """One creditor's form."""
    desk = enter(request, renderer, session)
    async with product.db.transaction() as tx:
        row = await _creditor(tx, creditor_id)
    return await _show(request, product, desk, session, _filled(row), creditor_id)


@post("/setup/creditors/{creditor_id:uuid}", status_code=200, include_in_schema=False)
async def change_creditor_form(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, creditor_id: UUID
) -> Response[Any]:
    """Change one creditor."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS)
    try:
        async with product.work() as tx:
            row = await _creditor(tx, creditor_id)
            await change_creditor(tx, creditor_id, _card(form, row.payment_destinations))
            await audit.record(tx, actor_of(desk), "creditor.changed", creditor_id)
            await confirm_whatsapp(tx, actor_of(desk), creditor_id, allowed=_confirmed(form), was=_may_whatsapp(row))
    except InvalidField as wrong:
        return await _show(request, product, desk, session, with_problem(desk, form, wrong), creditor_id, 422)
    return go_on("/setup/creditors", "saved")


async def creditor_rows(tx: Tx, desk: Desk) -> list[CreditorRow]:
    """All creditors, in the reader's words."""
    teams = {row.id: row.name for row in await list_teams(tx)}
    return [_row(desk, row, teams) for row in await list_creditors(tx)]


def _row(desk: Desk, row: Any, teams: dict[UUID, str]) -> CreditorRow:  # noqa: ANN401 - a row
    return CreditorRow(
        id=str(row.id),
        name=row.name,
        type=desk.say(CREDITOR_TYPES[row.type]),
        country=country_name(desk.reader.language, row.country),
        tax_id=row.tax_id or "",
        first_party=row.first_party,
        whatsapp=_may_whatsapp(row),
        teams=tuple(teams[team] for team in row.teams if team in teams),
        destinations=tuple(_destination(one) for one in row.payment_destinations),
    )


def _may_whatsapp(row: Any) -> bool:  # noqa: ANN401 - a row
    return bool(row.first_party if row.whatsapp is None else row.whatsapp)


async def _creditor(tx: Tx, creditor: UUID) -> Any:  # noqa: ANN401 - a row
    found = next((row for row in await list_creditors(tx) if row.id == creditor), None)
    if found is None:
        raise NotFound
    return found


def _card(form: Form, destinations: list[Any] | None = None) -> CreditorCard:
    """Raises `InvalidField`."""
    if form.value("type") not in CREDITOR_TYPES:
        raise InvalidField("type", N_("Choose one of the list."))
    if form.value("party") not in ("first", "third"):
        raise InvalidField("party", N_("Choose one of the list."))
    if form.value("country") not in COUNTRIES:
        raise InvalidField("country", N_("Choose one of the list."))
    return CreditorCard(
        name=check_line(form.value("name"), "name"),
        tax_id=check_line(form.value("tax_id"), "tax_id") if form.value("tax_id") else None,
        type=form.value("type"),
        first_party=form.value("party") == "first",
        country=form.value("country"),
        payment_destinations=_destinations(form.value("destinations"), destinations or []),
    )


def _confirmed(form: Form) -> bool:
    """Whether WhatsApp was allowed for somebody else's money; the first party's own needs nobody's word."""
    return form.value("party") == "third" and form.value("whatsapp") == "1"


def _destinations(text: str, known: list[Any]) -> list[Any]:
    """One per line; a line that was there before keeps everything that was known of it."""
    before = {_destination(one): one for one in known}
    lines = [check_line(line, "destinations") for line in text.split("\n") if line.strip()]
    if len(lines) > _MOST_DESTINATIONS:
        raise InvalidField("destinations", N_("Write at most 20 lines."))
    return [before.get(line, {"name": line}) for line in lines]


def _destination(one: Any) -> str:  # noqa: ANN401 - JSON as it was told
    return str(one.get("name") or one.get("kind") or one) if isinstance(one, dict) else str(one)


def _filled(row: Any) -> Form:  # noqa: ANN401 - a row
    return Form(
        {
            "name": row.name,
            "type": row.type,
            "party": "first" if row.first_party else "third",
            "country": row.country or "",
            "tax_id": row.tax_id or "",
            "destinations": "\n".join(_destination(one) for one in row.payment_destinations),
            "whatsapp": "1" if row.whatsapp else "",
        }
    )


async def _show(
    request: AnyRequest, product: Product, desk: Desk, session: Session, form: Form, creditor: UUID | None = None, status: int = 200
) -> Response[str]:
    async with product.db.transaction() as tx:
        rows = await creditor_rows(tx, desk)
    offers = {"types": creditor_types(desk), "countries": countries(desk.reader.language)}
    editing = str(creditor) if creditor else ""
    return setup_page(request, desk, session, "creditors", status, creditors=rows, form=form, editing=editing, **offers)


HANDLERS: tuple[Any, ...] = (creditors_page, add_creditor, creditor_page, change_creditor_form)
