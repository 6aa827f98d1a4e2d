"""Our own numbers on the settings' pages, and a test message by the very path that every other message takes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from base import audit
from base.db import Tx
from base.errors import InvalidField
from base.ids import new_id
from base.words import N_
from channels.contract import Channel
from console.desk import Desk
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from console.setup.office import AnyRequest, actor_of, enter, go_on, one_id, read_form, setup_page, with_problem
from console.views.setup import Choice, Form, NumberView, TestView
from debts.creditors import list_creditors
from inbox.access import access_message
from inbox.product import Product
from inbox.senders import Number, list_numbers, newest_test, note_sender, own_phone, record_sender
from inbox.sending import Draft, RefusedSend, connected, send
from staff.people import check_line

_TEST = N_("This is a test message of your own from Trato. Your number works.")
_FINAL = ("delivered", "read", "failed", "withheld", "cancelled")
_FIELDS = ("channel", "address", "label", "creditor")


@get("/setup/senders", include_in_schema=False)
async def senders_page(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """The numbers that the settings name, and a form to test them."""
    desk = enter(request, renderer, session)
    return await _show(request, product, desk, session)


@post("/setup/senders", status_code=200, include_in_schema=False)
async def record_sender_form(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """What one of the numbers is called, and whose clients see it."""
    desk = enter(request, renderer, session)
    form = await read_form(request, _FIELDS)
    try:
        label = check_line(form.value("label"), "label")
        creditor = one_id(form.value("creditor"), "creditor") if form.value("creditor") else None
        async with product.work() as tx:
            await record_sender(tx, product.settings, actor_of(desk), form.value("channel"), form.value("address"), label, creditor)
    except InvalidField as wrong:
        return await _show(request, product, desk, session, naming=with_problem(desk, form, wrong), status=422)
    return go_on("/setup/senders", "saved")


@post("/setup/senders/test", status_code=200, include_in_schema=False)
async def send_test(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """A message to a phone of one's own, through gate, outbox and carrier."""
    desk = enter(request, renderer, session)
    form = await read_form(request, ("channel", "number", "client_token"))
    try:
        channel = _channel(product, form.value("channel"))
        token = one_id(form.value("client_token"), "number")
        async with product.work() as tx:
            await note_sender(tx, product.settings, actor_of(desk), channel.value)
            debtor, dialable = await own_phone(tx, desk.reader, channel.value, form.value("number"))
            draft = Draft(
                channel=channel, text=desk.say(_TEST), purpose="requested_information", to=dialable, client_token=token, own_test=True
            )
            result = await send(tx, desk.reader, debtor, draft, connected(product.settings))
            await audit.record(tx, actor_of(desk), "sender.tested", debtor, channel=channel.value)
    except InvalidField as wrong:
        return await _show(request, product, desk, session, testing=with_problem(desk, form, wrong), status=422)
    if isinstance(result, RefusedSend) and (objection := result.verdict.objection) is not None:
        told = Form(form.values, {}, {"number": desk.explain(objection.sentence, objection.variables)})
        return await _show(request, product, desk, session, testing=told, status=422)
    return go_on("/setup/senders", "test")


@get("/setup/senders/test/{message_id:uuid}", include_in_schema=False)
async def test_state(request: AnyRequest, product: Product, renderer: Renderer, session: Session, message_id: UUID) -> Response[str]:
    """How far a test message has come: asked every second until it has arrived, or never will."""
    desk = enter(request, renderer, session)
    async with product.db.transaction() as tx:
        test = await _test_view(tx, desk, message_id)
    return html(desk.render("setup/test_state.html", test=test))


async def _test_view(tx: Tx, desk: Desk, message: UUID) -> TestView:
    row = await access_message(tx, desk.reader, message)
    reason = desk.explain(row.error_reason, row.detail.get("variables", {})) if row.error_reason else ""
    return TestView(str(row.id), row.state, row.state in _FINAL, reason, str(row.conversation_id))


def _channel(product: Product, text: str) -> Channel:
    try:
        channel = Channel(text)
    except ValueError as error:
        raise InvalidField("number", N_("Choose one of the list.")) from error
    if channel not in connected(product.settings):
        raise InvalidField("number", N_("this channel cannot send yet"))
    return channel


async def _show(
    request: AnyRequest,
    product: Product,
    desk: Desk,
    session: Session,
    *,
    naming: Form | None = None,
    testing: Form | None = None,
    status: int = 200,
) -> Response[str]:
    async with product.work() as tx:
        creditors = {row.id: row.name for row in await list_creditors(tx)}
        numbers = [_view(one, creditors, naming) for one in await list_numbers(tx, product.settings)]
        newest = await newest_test(tx, desk.reader)
        test = await _test_view(tx, desk, newest) if newest else None
    tried = testing or Form({"channel": "sms"})
    offers = {
        "creditors": tuple(Choice(str(key), name) for key, name in creditors.items()),
        "channels": tuple(channel.value for channel in connected(product.settings)),
        "token": str(new_id()),
    }
    return setup_page(request, desk, session, "senders", status, numbers=numbers, testing=tried, test=test, **offers)


def _view(one: Number, creditors: dict[UUID, str], naming: Form | None) -> NumberView:
    """A number with its form; the one that was just filled in keeps what was written."""
    form = Form({"label": one.label, "creditor": str(one.creditor_id or "")})
    if naming is not None and (naming.value("channel"), naming.value("address")) == (one.channel, one.address):
        form = naming
    return NumberView(
        channel=one.channel,
        address=one.address,
        account=one.account,
        simulated=one.simulated,
        label=one.label,
        creditor=creditors.get(one.creditor_id, "") if one.creditor_id else "",
        tested_at=one.tested_at,
        recorded=one.id is not None,
        form=form,
    )


HANDLERS: tuple[Any, ...] = (senders_page, record_sender_form, send_test, test_state)
