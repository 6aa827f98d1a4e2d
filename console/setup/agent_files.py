"""The doors of a file of agents: look at it, then import it whole; the new links are shown once."""

from __future__ import annotations

from typing import Any

from litestar import Response, post

from base.errors import InvalidField
from base.words import N_
from console.desk import Desk
from console.rendering import Renderer
from console.session import Session
from console.setup.agents import link_of, show_agents
from console.setup.office import AnyRequest, enter, text_of
from console.setup.rosters import COLUMNS, HEADINGS, LABELS, NEEDED, Planned, plan, record
from console.setup.tables import read_rows, text_of_file
from console.views.setup import FileReport, FileRow, Form, LinkView
from inbox.product import Product

_OUTCOMES = {
    "new": (N_("New: will be invited"), "ok"),
    "changed": (N_("Will be changed"), "info"),
    "same": (N_("No change"), "quiet"),
    "wrong": (N_("To correct"), "bad"),
}


@post("/setup/agents/file", status_code=200, include_in_schema=False)
async def agents_file(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """A dry run of a file; with `confirmed` it is imported, all rows or none."""
    desk = enter(request, renderer, session)
    form = await request.form()
    pasted = ""
    try:
        text = await text_of_file(form)
        pasted = text
        table = read_rows(text, HEADINGS, {column: desk.say(LABELS[column]) for column in NEEDED})
    except InvalidField as wrong:
        report = FileReport((), (), pasted, 0, 0, "", desk.told(wrong))
        return await _show(request, product, desk, session, report=report, pasted=pasted, status=422)
    async with product.work() as tx:
        planned = await plan(tx, desk, table.rows)
        wrong_rows = sum(one.outcome == "wrong" for one in planned)
        if text_of(form, "confirmed") and not wrong_rows:
            new = await record(tx, desk, planned)
            links = tuple(LinkView(one.name, one.email, link_of(product, token)) for one, token in new)
        else:
            links = None
    if links is not None:
        return await _show(request, product, desk, session, links=links, imported=desk.say(N_("The file is imported.")))
    report = _report(desk, planned, text, wrong_rows, table.unread)
    return await _show(request, product, desk, session, report=report, status=422 if wrong_rows else 200)


def _report(desk: Desk, planned: list[Planned], text: str, wrong: int, unread: tuple[str, ...]) -> FileReport:
    rows = tuple(_row(desk, one) for one in planned)
    new = sum(one.outcome == "new" for one in planned)
    if wrong:
        summary = desk.counted(
            "Nothing was imported: %(wrong)s of %(num)s row is to be corrected.",
            "Nothing was imported: %(wrong)s of %(num)s rows are to be corrected.",
            len(planned),
            wrong=wrong,
        )
    else:
        counts = desk.counted("%(num)s row", "%(num)s rows", len(planned)), desk.counted("%(num)s new person", "%(num)s new people", new)
        summary = desk.say(N_("%(rows)s, %(people)s. Nothing has been imported yet."), rows=counts[0], people=counts[1])
    return FileReport(tuple(desk.say(LABELS[column]) for column in COLUMNS), rows, text, len(planned), wrong, summary, unread=unread)


def _row(desk: Desk, one: Planned) -> FileRow:
    label, tone = _OUTCOMES[one.outcome]
    problems = tuple(f"{desk.say(LABELS[problem.column])}: {desk.say(problem.sentence, **problem.values)}" for problem in one.problems)
    return FileRow(one.row.number, tuple(one.row.cell(column) for column in COLUMNS), desk.say(label), tone, problems)


async def _show(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    *,
    status: int = 200,
    **more: Any,  # noqa: ANN401 - what the template takes
) -> Response[str]:
    form = Form({"role": "agent", "language": desk.reader.language, "zone": desk.reader.zone})
    return await show_agents(request, product, desk, session, form, status=status, **more)


HANDLERS: tuple[Any, ...] = (agents_file,)
