"""Clients on the settings' pages: one by a form, and the page that shows what became of a file."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post

from base.db import Tx
from base.errors import Conflict
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.choices import countries, languages
from console.setup.client_columns import COLUMNS, LABELS, NEEDED, title
from console.setup.client_reports import shared_phones
from console.setup.client_rows import Lender, read_client
from console.setup.office import AnyRequest, actor_of, enter, go_on, read_form, setup_page
from console.setup.tables import Row, plain
from console.views.setup import Choice, FileReport, Form
from debts.creditors import list_creditors
from inbox.clients import record_client
from inbox.product import Product

_FIELDS = (
    "reference",
    "name",
    "tel1",
    "tel2",
    "whatsapp",
    "email",
    "language",
    "country",
    "creditor",
    "account",
    "balance",
    "currency",
    "due",
    "days",
    "shared",
)
_DOUBTFUL = N_("“%(value)s” can be read in two ways. Write %(amount)s if that is what you mean.")
TAKEN = N_("The account “%(account)s” of this creditor belongs to another client.")


@get("/setup/clients", include_in_schema=False)
async def clients_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """A form for one client, and one for a file."""
    desk = enter(request, renderer, session)
    return await show_clients(request, product, desk, session)


@post("/setup/clients", status_code=200, include_in_schema=False)
async def add_client(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """One client, new or known by the reference."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS)
    async with product.db.transaction() as tx:
        read = read_client(Row(1, form.values), await lenders(tx))
        shared = await shared_phones(tx, desk, read.read)
    problems = {problem.column: desk.say(problem.sentence, **problem.values) for problem in read.problems}
    if not any(form.value(name) for name in ("tel1", "tel2", "whatsapp")):
        problems.setdefault("tel1", desk.say(N_("Without a phone nobody can write to this client.")))
    if read.doubtful:
        problems.setdefault(
            "balance", desk.say(_DOUBTFUL, value=form.value("balance"), amount=format(read.read.debts[0].total_due or 0, "f"))
        )
    if shared and not form.value("shared"):
        problems["shared"] = " ".join(shared)
    if read.card is None or problems:
        return await show_clients(request, product, desk, session, Form(form.values, {}, problems), status=422)
    try:
        async with product.work() as tx:
            await record_client(tx, actor_of(desk), read.card)
    except Conflict:
        taken = desk.say(TAKEN, account=read.card.debts[0].ref)
        return await show_clients(request, product, desk, session, Form(form.values, {}, {"account": taken}), status=422)
    return go_on("/setup/clients", "added")


async def lenders(tx: Tx) -> dict[str, Lender]:
    """The creditors by their plain names."""
    return {plain(row.name): Lender(row.name, row.country) for row in await list_creditors(tx)}


async def show_clients(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    form: Form | None = None,
    *,
    status: int = 200,
    report: FileReport | None = None,
    pasted: str = "",
    imported: str = "",
) -> Response[str]:
    """The page of clients, with what somebody filled in and what came of it. A creditor's country is that of its clients who tell none."""
    async with product.db.transaction() as tx:
        creditors = await list_creditors(tx)
    first = creditors[0] if len(creditors) == 1 else None
    blank = Form({"language": desk.reader.language, "creditor": first.name if first else ""})
    return setup_page(
        request,
        desk,
        session,
        "clients",
        status,
        form=form or blank,
        report=report,
        pasted=pasted,
        imported=imported,
        creditors=tuple(Choice(row.name, row.name) for row in creditors),
        languages=languages(desk),
        countries=countries(desk.reader.language),
        columns=tuple(title(column, desk.say(LABELS[column])) for column in COLUMNS),
        needed=tuple(desk.say(LABELS[column]) for column in NEEDED),
    )


HANDLERS: tuple[Any, ...] = (clients_page, add_client)
