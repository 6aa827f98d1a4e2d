"""Prepared texts on the settings' pages: listed with what the carrier says of them, written with a live preview, changed as new versions, retired."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from base.db import Tx
from base.errors import InvalidField, NotFound
from base.words import N_
from console.desk import Desk
from console.desk.prepared import ANSWERS, KINDS, kind_of, language_name, place_name, prepared_views, preview_of
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from console.setup.office import AnyRequest, enter, go_on, read_form, setup_page
from console.setup.template_forms import EMPTY, FIELDS, ROWS, choices_of, filled, languages_of, menu_of, new_text, with_wrong
from console.views.prepared import PreviewView
from console.views.setup import Choice, Form
from console.words import CATEGORIES
from debts.creditors import list_creditors
from inbox.authoring import visible_template
from inbox.filling import PLACES
from inbox.product import Product
from inbox.samples import sample_values
from inbox.templates import in_use, record_template, retire
from staff.founding import organisation_name
from staff.models import Role


@get("/setup/templates", include_in_schema=False)
async def templates_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """Every text in use, of one kind where that is asked."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    kind = request.query_params.get("kind")
    kind = kind if kind in KINDS else None
    async with product.db.transaction() as tx:
        rows = await in_use(tx, desk.reader)
    counts = {name: len(prepared_views(desk, rows, name)) for name in KINDS}
    return setup_page(request, desk, session, "templates", prepared=prepared_views(desk, rows, kind), kind=kind, counts=counts)


@get("/setup/templates/new", include_in_schema=False)
async def new_template_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """An empty form."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    kind = request.query_params.get("kind") or ""
    return await _show(request, product, desk, session, Form(EMPTY | ({"kind": kind} if kind in KINDS else {})))


@post("/setup/templates", status_code=200, include_in_schema=False)
async def add_template(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """A new text, in its first version."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    form = await read_form(request, FIELDS)
    try:
        async with product.work() as tx:
            await _record(tx, desk, form)
    except InvalidField as wrong:
        return await _show(request, product, desk, session, with_wrong(desk, form, wrong), status=422)
    return go_on("/setup/templates", "answer" if form.value("kind") in ANSWERS else "template")


@get("/setup/templates/{template_id:uuid}", include_in_schema=False)
async def template_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session, template_id: UUID) -> Response[str]:
    """One text's form: saving it makes a new version."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    async with product.db.transaction() as tx:
        row = await _in_use(tx, desk, template_id)
    return await _show(request, product, desk, session, filled(row), row)


@post("/setup/templates/{template_id:uuid}", status_code=200, include_in_schema=False)
async def change_template(request: AnyRequest, product: Product, renderer: Renderer, session: Session, template_id: UUID) -> Response[Any]:
    """A new version of a text; its kind and name stay, another language is kept beside this one."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    form = await read_form(request, FIELDS)
    async with product.db.transaction() as tx:
        row = await _in_use(tx, desk, template_id)
    form = Form({**form.values, "kind": kind_of(row), "name": row.name, "channel": row.channel or ""})
    try:
        async with product.work() as tx:
            await _record(tx, desk, form, row)
    except InvalidField as wrong:
        return await _show(request, product, desk, session, with_wrong(desk, form, wrong), row, 422)
    return go_on("/setup/templates", "answer" if form.value("kind") in ANSWERS else "version")


@post("/setup/templates/{template_id:uuid}/retire", status_code=200, include_in_schema=False)
async def retire_template(request: AnyRequest, product: Product, renderer: Renderer, session: Session, template_id: UUID) -> Response[Any]:
    """Take a text out of use in its language, with the versions before it: none of them shall come up again."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    async with product.work() as tx:
        row = await _in_use(tx, desk, template_id)
        for one in await in_use(tx, desk.reader):
            if _key(one) == _key(row):
                await retire(tx, desk.reader, one.id)
    return go_on("/setup/templates", "retired")


@post("/setup/templates/preview", status_code=200, include_in_schema=False)
async def preview_template(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """What is being written, as a client would read it."""
    desk = enter(request, renderer, session, Role.SUPERVISOR)
    form = await read_form(request, FIELDS)
    async with product.db.transaction() as tx:
        preview = await _preview(tx, desk, form)
    return html(desk.render("setup/templates_preview.html", preview=preview))


async def _in_use(tx: Tx, desk: Desk, template: UUID) -> Any:  # noqa: ANN401 - a row
    """A version that is in use. Raises `NotFound`, also for other portfolios' ones."""
    row = await visible_template(tx, desk.reader, template)
    if row is None or not row.active:
        raise NotFound
    return row


def _key(row: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a row, or a text that is to be recorded
    """What all versions of one text have in common."""
    return row.kind, row.channel, row.creditor_id, row.name, row.language


async def _record(tx: Tx, desk: Desk, form: Form, before: Any = None) -> None:  # noqa: ANN401 - a row or None
    new = new_text(form, before)
    if new.creditor_id is not None and new.creditor_id not in {row.id for row in await _creditors(tx, desk)}:
        raise InvalidField("creditor", N_("Choose one of the list."))
    known = {_key(row) for row in await in_use(tx, desk.reader)}
    key = _key(new)
    if key in known and (before is None or _key(before) != key):
        raise InvalidField("name" if before is None else "language", N_("This text is there in this language already. Change that one."))
    await record_template(tx, desk.reader, new)


async def _creditors(tx: Tx, desk: Desk) -> list[Any]:
    """Those whose portfolio the reader sees."""
    return [row for row in await list_creditors(tx) if desk.reader.sees_portfolio(row.id)]


async def _preview(tx: Tx, desk: Desk, form: Form) -> PreviewView:
    creditors = {str(row.id): row.name for row in await _creditors(tx, desk)}
    creditor = creditors.get(form.value("creditor")) or next(iter(creditors.values()), "Banco Aurora")
    organisation = await organisation_name(tx)
    values = sample_values(form.value("language"), agent=desk.reader.name, organisation=organisation, creditor=creditor)
    return preview_of(desk, form, values, choices_of(form), menu_of(form) or "")


async def _show(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    form: Form,
    row: Any = None,  # noqa: ANN401 - the version that is changed, or None
    status: int = 200,
) -> Response[str]:
    async with product.db.transaction() as tx:
        creditors = [Choice(str(one.id), one.name) for one in await _creditors(tx, desk)]
        preview = await _preview(tx, desk, form)
    offers = {
        "creditors": creditors,
        "languages": [Choice(tag, language_name(desk.reader.language, tag)) for tag in languages_of(row)],
        "categories": [Choice(code, desk.say(word.label)) for code, word in CATEGORIES.items()],
        "choice_rows": ROWS,
        "places": [(place, place_name(desk, place)) for place in PLACES],
    }
    return setup_page(request, desk, session, "templates_form", status, form=form, row=row, preview=preview, **offers)


HANDLERS: tuple[Any, ...] = (
    templates_page,
    new_template_page,
    add_template,
    preview_template,
    template_page,
    change_template,
    retire_template,
)
