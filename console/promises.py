"""The doors of declared money: a promise, what came of it, and a payment that the client says was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post

from base.errors import Conflict, InvalidField
from base.words import N_
from console import views
from console.desk import Desk
from console.desk.money import money_view
from console.desk.queues import UNKNOWN_CLIENT
from console.pages import html
from console.people import DONE, behind_it, desk_of
from console.rendering import Renderer
from console.session import Session
from console.views.people import OverView
from console.words import ACTS
from debts.money import read_amount
from debts.people import open_name
from inbox import mistakes, promises
from inbox.access import access_conversation, require_writer
from inbox.brakes import CouldBeOther, MoreThanOwed
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
_RECORD: Final = {"promise": promises.record_promise, "payment": promises.record_payment}
_CHANNELS: Final = ("sms", "whatsapp", "email", "voice")


@get(["/c/{conversation_id:uuid}/promises/new", "/c/{conversation_id:uuid}/payments/new"], include_in_schema=False)
async def money_form(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """The form of a promise or of a payment."""
    desk = desk_of(request, renderer, session)
    require_writer(session.reader)
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        view = await money_view(desk, tx, row, _kind(request))
    return html(desk.render("parts/people/money_form.html", money=view))


@post(["/c/{conversation_id:uuid}/promises", "/c/{conversation_id:uuid}/payments"], status_code=200, include_in_schema=False)
async def declare(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Write down what the client declares; the answer is what changed on the screen, or the form with what is wrong or asked about in it."""
    desk, kind = desk_of(request, renderer, session), _kind(request)
    form = {name: str(value).strip() for name, value in (await request.form()).items() if name != "_csrf"}
    over = None
    try:
        async with product.work() as tx:
            row = await access_conversation(tx, session.reader, conversation_id)
            record = await _RECORD[kind](tx, session.reader, row.debtor_id, _declared(form))
            since = row.revision
    except (InvalidField, Conflict) as wrong:
        problems = {wrong.field if isinstance(wrong, InvalidField) else "amount": desk.told(wrong)}
        if isinstance(wrong, MoreThanOwed | CouldBeOther):
            problems, over = {}, _over(_declared(form), wrong)
        async with product.work() as tx:
            row = await access_conversation(tx, session.reader, conversation_id)
            view = await money_view(desk, tx, row, kind, form, problems, over)
        return html(desk.render("parts/people/money_form.html", money=view), 422)
    return await _behind(product, desk, conversation_id, since, kind, record)


@post("/c/{conversation_id:uuid}/promises/{promise_id:uuid}/take-back", status_code=200, include_in_schema=False)
async def take_promise_back(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, promise_id: UUID
) -> Response[str]:
    """The promise should not have been noted."""
    return await _mistaken(product, desk_of(request, renderer, session), conversation_id, "promise", promise_id)


@post("/c/{conversation_id:uuid}/payments/{payment_id:uuid}/take-back", status_code=200, include_in_schema=False)
async def take_payment_back(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, payment_id: UUID
) -> Response[str]:
    """The payment should not have been noted."""
    return await _mistaken(product, desk_of(request, renderer, session), conversation_id, "payment", payment_id)


async def _mistaken(product: Product, desk: Desk, conversation: UUID, kind: mistakes.Kind, record: UUID) -> Response[str]:
    async with product.work() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        event = await mistakes.take_back(tx, desk.reader, row.debtor_id, kind, record)
        since = row.revision
    return await _behind(product, desk, conversation, since, "undone" if event else "")


@post("/c/{conversation_id:uuid}/promises/{promise_id:uuid}", status_code=200, include_in_schema=False)
async def settle(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, promise_id: UUID
) -> Response[str]:
    """What came of a promise."""
    desk = desk_of(request, renderer, session)
    state = str((await request.form()).get("state") or "")
    async with product.work() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        await promises.set_promise_state(tx, session.reader, row.debtor_id, promise_id, state)
        since = row.revision
    return await _behind(product, desk, conversation_id, since)


async def _behind(
    product: Product, desk: Desk, conversation: UUID, since: int, done: str = "", record: UUID | None = None
) -> Response[str]:
    """What changed on the screen, and, where something was `done`, the toast that says so and takes a `record` back."""
    async with product.work() as tx:
        row = await access_conversation(tx, desk.reader, conversation)
        parts = await behind_it(desk, tx, row, since)
        client = open_name(tx, row) or desk.say(UNKNOWN_CLIENT)
    if done and parts:
        path = None if record is None else f"{done}s/{record}"
        toast = views.ToastView(str(conversation), desk.say(ACTS.get(f"{done}_noted", ACTS["undone"])), record=path, client=client)
        parts += desk.render("parts/acts/told.html", toast=toast)
    answer = html(parts)
    answer.headers.update(DONE)
    return answer


def _kind(request: AnyRequest) -> mistakes.Kind:
    return "payment" if "/payments" in request.url.path else "promise"


def _declared(form: Mapping[str, str]) -> promises.Declared:
    """What a form says. The day is one of those offered, or that of the date field."""
    try:
        token = UUID(form.get("client_token", ""))
        debt = UUID(form["debt"]) if form.get("debt") else None
    except ValueError as error:
        raise InvalidField("client_token", N_("the page is out of date; reload it")) from error
    chosen = form.get("day", "other")
    try:
        on = date.fromisoformat(form.get("on", "") if chosen == "other" else chosen)
    except ValueError as error:
        raise InvalidField("on", N_("Choose a day.")) from error
    channel = form.get("channel")
    currency = form.get("currency", "").upper()
    found = read_amount(form.get("amount", ""), currency=currency or None)
    return promises.Declared(
        found.amount,
        currency,
        on,
        debt,
        token,
        channel if channel in _CHANNELS else None,
        form.get("confirmed", ""),
        found.doubtful,
    )


def _over(declared: promises.Declared, wrong: MoreThanOwed | CouldBeOther) -> OverView:
    owed = wrong.owed if isinstance(wrong, MoreThanOwed) else None
    return OverView(declared.amount, owed, declared.currency, declared.said)
