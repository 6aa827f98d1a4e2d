"""The door of a file of clients: it is looked at first, what is doubtful is asked, and it is imported whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response, post

from base.db import Tx
from base.errors import Conflict, InvalidField
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.client_columns import HEADINGS, LABELS, NEEDED
from console.setup.client_reports import notes_of, report_of, without_doubles
from console.setup.client_rows import read_client
from console.setup.clients import TAKEN, lenders, show_clients
from console.setup.office import AnyRequest, actor_of, enter, text_of
from console.setup.tables import read_rows, text_of_file
from console.views.setup import FileReport
from debts.cards import DebtorCard
from inbox.clients import record_client
from inbox.product import Product


@post("/setup/clients/file", status_code=200, include_in_schema=False)
async def clients_file(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """A dry run of a file; with `confirmed` (and `agreed`, where something is asked) it is imported in one transaction, all rows or none."""
    desk = enter(request, renderer, session)
    form, text = await request.form(), ""
    try:
        text = await text_of_file(form)
        table = read_rows(text, HEADINGS, {column: desk.say(LABELS[column]) for column in NEEDED})
    except InvalidField as wrong:
        return await show_clients(request, product, desk, session, status=422, report=_failed(text, 0, desk.told(wrong)), pasted=text)
    async with product.db.transaction() as tx:
        creditors = await lenders(tx)
        read = without_doubles([read_client(row, creditors) for row in table.rows])
        notes = await notes_of(tx, desk, read)
    cards = [one.card for one in read if one.card is not None]
    wrong_rows = len(read) - len(cards)
    if wrong_rows or not text_of(form, "confirmed") or (notes and not text_of(form, "agreed")):
        report = report_of(desk, read, text, notes, table.unread)
        return await show_clients(request, product, desk, session, status=422 if wrong_rows else 200, report=report)
    return await _import(request, product, desk, session, cards, text)


async def _import(
    request: AnyRequest, product: Product, desk: Desk, session: Session, cards: Sequence[DebtorCard], text: str
) -> Response[Any]:
    try:
        async with product.work() as tx:
            new = await _record_all(tx, desk, sorted(cards, key=lambda card: card.ref))
    except InvalidField as taken:
        told = _failed(text, len(cards), desk.say(TAKEN, account=taken.problem))
        return await show_clients(request, product, desk, session, status=422, report=told, pasted=text)
    fresh = desk.counted("%(num)s new client", "%(num)s new clients", new)
    known = desk.counted("%(num)s that was known", "%(num)s that were known", len(cards) - new)
    imported = desk.say(N_("The file is imported: %(added)s, %(found)s."), added=fresh, found=known)
    return await show_clients(request, product, desk, session, imported=imported)


async def _record_all(tx: Tx, desk: Desk, cards: Sequence[DebtorCard]) -> int:
    """Everybody in the order of their references, so that two files that meet wait for each other; returns how many are new."""
    new = 0
    for card in cards:
        try:
            new += (await record_client(tx, actor_of(desk), card))[1]
        except Conflict as conflict:
            raise InvalidField("account", card.debts[0].ref) from conflict
    return new


def _failed(text: str, total: int, problem: str) -> FileReport:
    """Nothing can be told of any row."""
    return FileReport((), (), text, total, 1 if total else 0, "", problem)


HANDLERS: tuple[Any, ...] = (clients_file,)
