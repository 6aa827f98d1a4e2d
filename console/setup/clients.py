"""Clients on the settings' pages: one by a form, or some thousand by a file that is looked at first and imported whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post

from base.db import Tx
from base.errors import Conflict, InvalidField
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.choices import countries, languages
from console.setup.client_rows import COLUMNS, HEADINGS, LABELS, NEEDED, ReadRow, read_client
from console.setup.office import AnyRequest, actor_of, enter, go_on, read_form, setup_page, text_of
from console.setup.tables import Problem, Row, plain, read_rows, text_of_file
from console.views.setup import Choice, FileReport, FileRow, Form
from debts.cards import DebtorCard
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
)
_SHOWN = ("reference", "name", "tel1", "creditor", "account", "balance", "due")
_MOST_SHOWN = 200
_TWICE = N_("The account “%(value)s” stands in an earlier row already.")
_TAKEN = N_("The account “%(account)s” of this creditor belongs to another client.")


@get("/setup/clients", include_in_schema=False)
async def clients_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """A form for one client, and one for a file."""
    desk = enter(request, renderer, session)
    async with product.db.transaction() as tx:
        creditors = await list_creditors(tx)
    first = creditors[0] if len(creditors) == 1 else None
    form = Form(
        {"language": desk.reader.language, "country": first.country or "" if first else "", "creditor": first.name if first else ""}
    )
    return await _show(request, product, desk, session, form)


@post("/setup/clients", status_code=200, include_in_schema=False)
async def add_client(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """One client, new or known by the reference."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS)
    async with product.db.transaction() as tx:
        read = read_client(Row(1, form.values), await _names(tx))
    problems = {problem.column: desk.say(problem.sentence, **problem.values) for problem in read.problems}
    if not any(form.value(name) for name in ("tel1", "tel2", "whatsapp")):
        problems.setdefault("tel1", desk.say(N_("Without a phone nobody can write to this client.")))
    if read.card is None or problems:
        return await _show(request, product, desk, session, Form(form.values, {}, problems), status=422)
    try:
        async with product.work() as tx:
            await record_client(tx, actor_of(desk), read.card)
    except Conflict:
        taken = desk.say(_TAKEN, account=read.card.debts[0].ref)
        return await _show(request, product, desk, session, Form(form.values, {}, {"account": taken}), status=422)
    return go_on("/setup/clients", "added")


@post("/setup/clients/file", status_code=200, include_in_schema=False)
async def clients_file(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """A dry run of a file; with `confirmed` it is imported in one transaction, all rows or none."""
    desk = enter(request, renderer, session)
    form = await request.form()
    empty, text = Form(), ""
    try:
        text = await text_of_file(form)
        rows = read_rows(text, HEADINGS, NEEDED)
    except InvalidField as wrong:
        report = FileReport((), (), text, 0, 0, "", desk.told(wrong))
        return await _show(request, product, desk, session, empty, status=422, report=report, pasted=text)
    async with product.db.transaction() as tx:
        read = _without_doubles([read_client(row, creditors) for creditors in [await _names(tx)] for row in rows])
    wrong_rows = sum(one.card is None for one in read)
    if not text_of(form, "confirmed") or wrong_rows:
        report = _report(desk, read, text, wrong_rows)
        return await _show(request, product, desk, session, empty, status=422 if wrong_rows else 200, report=report)
    return await _import(request, product, desk, session, read, text)


async def _import(request: AnyRequest, product: Product, desk: Desk, session: Session, read: Sequence[ReadRow], text: str) -> Response[Any]:
    cards = sorted((one.card for one in read if one.card is not None), key=lambda card: card.ref)
    try:
        async with product.work() as tx:
            new = await _record_all(tx, desk, cards)
    except InvalidField as taken:
        problem = desk.say(_TAKEN, account=taken.problem)
        told = FileReport((), (), text, len(cards), 1, "", problem)
        return await _show(request, product, desk, session, Form(), status=422, report=told, pasted=text)
    fresh = desk.counted("%(num)s new client", "%(num)s new clients", new)
    known = desk.counted("%(num)s that was known", "%(num)s that were known", len(cards) - new)
    imported = desk.say(N_("The file is imported: %(added)s, %(found)s."), added=fresh, found=known)
    return await _show(request, product, desk, session, Form(), imported=imported)


async def _record_all(tx: Tx, desk: Desk, cards: Sequence[DebtorCard]) -> int:
    """Everybody in the order of their references, so that two files that meet wait for each other; returns how many are new."""
    new = 0
    for card in cards:
        try:
            new += (await record_client(tx, actor_of(desk), card))[1]
        except Conflict as conflict:
            raise InvalidField("account", card.debts[0].ref) from conflict
    return new


def _without_doubles(read: Sequence[ReadRow]) -> list[ReadRow]:
    """Several rows of one reference are one client with several accounts; an account that stands in two rows is a mistake."""
    seen: set[tuple[str, str]] = set()
    checked = []
    for one in read:
        account = (one.card.debts[0].creditor, one.card.debts[0].ref) if one.card is not None else None
        if account is not None and account in seen:
            checked.append(ReadRow(one.row, None, (Problem("account", _TWICE, {"value": account[1]}),)))
            continue
        seen |= {account} if account is not None else set()
        checked.append(one)
    return checked


def _report(desk: Desk, read: Sequence[ReadRow], text: str, wrong: int) -> FileReport:
    """Rows that are wrong first; of very long files the rest is counted."""
    ordered = sorted(read, key=lambda one: (one.card is not None, one.row.number))[:_MOST_SHOWN]
    total = len(read)
    if wrong:
        summary = desk.counted(
            "Nothing was imported: %(wrong)s of %(num)s row is to be corrected.",
            "Nothing was imported: %(wrong)s of %(num)s rows are to be corrected.",
            total,
            wrong=wrong,
        )
    else:
        summary = desk.counted(
            "%(num)s row can be imported. Nothing has been imported yet.",
            "%(num)s rows can be imported. Nothing has been imported yet.",
            total,
        )
    return FileReport(
        tuple(desk.say(LABELS[column]) for column in _SHOWN), tuple(_row(desk, one) for one in ordered), text, total, wrong, summary
    )


def _row(desk: Desk, one: ReadRow) -> FileRow:
    outcome, tone = (N_("Ready"), "ok") if one.card is not None else (N_("To correct"), "bad")
    problems = tuple(f"{desk.say(LABELS[problem.column])}: {desk.say(problem.sentence, **problem.values)}" for problem in one.problems)
    return FileRow(one.row.number, tuple(one.row.cell(column) for column in _SHOWN), desk.say(outcome), tone, problems)


async def _names(tx: Tx) -> dict[str, str]:
    return {plain(row.name): row.name for row in await list_creditors(tx)}


async def _show(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    form: Form,
    *,
    status: int = 200,
    report: FileReport | None = None,
    pasted: str = "",
    imported: str = "",
) -> Response[str]:
    async with product.db.transaction() as tx:
        creditors = tuple(Choice(row.name, row.name) for row in await list_creditors(tx))
    offers = {"creditors": creditors, "languages": languages(desk), "countries": countries(desk.reader.language), "columns": COLUMNS}
    context = {"form": form, "report": report, "pasted": pasted, "imported": imported} | offers
    return setup_page(request, desk, session, "clients", status, **context)


HANDLERS: tuple[Any, ...] = (clients_page, add_client, clients_file)
