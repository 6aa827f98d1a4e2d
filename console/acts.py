"""The header's doors: taking, releasing, transferring, snoozing, closing, reopening, marking and undoing. Twice pressed is once done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post

from base.db import Tx
from base.errors import Conflict, InvalidField, NotFound
from base.words import N_
from console.answers import is_partial
from console.desk import Desk, card_view, conversation_view, queue_key
from console.messages import uuid_in
from console.pages import debtor_of, html
from console.rendering import Renderer
from console.session import Session
from console.toasts import act_toast
from console.words import DISPOSITIONS
from inbox import closing, nexting, notices, opting, ownership, reaching, reading, snoozing, transferring, undoing
from inbox.access import Reader, access_conversation, require_writer
from inbox.product import Product

AnyRequest = Request[Any, Any, Any]
Form = Mapping[str, Any]
Act = Callable[[Tx, Reader, UUID, Form], Awaitable[UUID | None]]


async def _claim(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await ownership.claim(tx, reader, debtor)


async def _release(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await ownership.release(tx, reader, debtor)


async def _close(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    return await closing.close(tx, reader, debtor, str(form.get("disposition") or "") or None, seen=_seen(form))


async def _reopen(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await closing.reopen(tx, reader, debtor)


async def _snooze(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    """Without a choice until tomorrow morning, so that one key is enough."""
    moment = snoozing.until(tx.now, reader.zone, str(form.get("until") or "tomorrow"), str(form.get("at") or ""))
    return await snoozing.snooze(tx, reader, debtor, moment, seen=_seen(form))


async def _wake(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await snoozing.wake(tx, reader, debtor)


async def _unread(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await ownership.mark_unread(tx, reader, debtor)


async def _mentions_done(tx: Tx, reader: Reader, debtor: UUID, _form: Form) -> UUID | None:
    return await notices.finish_mentions(tx, reader, debtor)


async def _transfer(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    kind, _, name = str(form.get("to") or "").partition(":")
    try:
        receiver = UUID(name)
    except ValueError as error:
        raise InvalidField("to", N_("choose somebody who serves this client's portfolio")) from error
    return await transferring.transfer(tx, reader, debtor, kind, receiver, str(form.get("note") or ""))


async def _wrong_person(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    return await reaching.wrong_person(tx, reader, debtor, seen=_seen(form))


async def _no_more(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    """At one address, at that of a message, or at all of them."""
    return await opting.note_no_more(tx, reader, debtor, address=_uuid(form.get("address")), entry=_uuid(form.get("entry")))


async def _not_asked(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    """At one address, with the words of one entry."""
    return await opting.note_not_asked(tx, reader, debtor, uuid_in(form.get("address"), "address"), uuid_in(form.get("entry"), "entry"))


async def _undo(tx: Tx, reader: Reader, debtor: UUID, form: Form) -> UUID | None:
    entry = _uuid(form.get("entry"))
    if entry is None:
        raise NotFound
    return await undoing.undo(tx, reader, debtor, entry)


def _uuid(text: object) -> UUID | None:
    """An id of a form's field, None where it was not given. Raises `NotFound` for what is none."""
    try:
        return UUID(str(text)) if text else None
    except ValueError as error:
        raise NotFound from error


_ACTS: Final[Mapping[str, Act]] = {
    "claim": _claim,
    "release": _release,
    "close": _close,
    "reopen": _reopen,
    "snooze": _snooze,
    "wake": _wake,
    "unread": _unread,
    "mentions-done": _mentions_done,
    "transfer": _transfer,
    "wrong-person": _wrong_person,
    "no-more": _no_more,
    "not-asked": _not_asked,
    "undo": _undo,
}


def _seen(form: Form) -> int | None:
    """The revision that was on the screen when the key was pressed."""
    return _revision(form["seen"]) if form.get("seen") else None


@post([f"/c/{{conversation_id:uuid}}/{name}" for name in _ACTS], status_code=200, include_in_schema=False)
async def act(request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID) -> Response[str]:
    """Do one thing with a conversation. The answer is a toast that takes it back, and the header as it is now."""
    desk = _desk(request, renderer, session)
    name, form = request.url.path.rpartition("/")[2], await request.form()
    problem, status, event = "", 200, None
    try:
        async with product.work() as tx:
            debtor = await debtor_of(tx, session, conversation_id)
            event = await _ACTS[name](tx, session.reader, debtor, form)
    except (Conflict, InvalidField) as wrong:
        problem, status = desk.told(wrong), 409 if isinstance(wrong, Conflict) else 422
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        card = await card_view(desk, tx, row)
        toast = act_toast(desk, tx, row, name, event, card.debtor_name)
    answer = html(desk.render("parts/acts/done.html", conversation=card, toast=toast), status)
    if problem:
        answer.headers["x-problem"] = quote(problem)
    return answer


@post("/next", status_code=200, include_in_schema=False)
async def take_next(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """Open whoever waits longest after the client on the screen, as a row of the list does; with the toast that gives back who was taken for it."""
    desk, form = _desk(request, renderer, session), await request.form()
    token, here = form.get("client_token"), _uuid(form.get("here"))
    async with product.work() as tx:
        taken = await nexting.take_next(tx, session.reader, uuid_in(token, "client_token") if token else None, here)
        if taken is None:
            return _nobody(desk, request, N_("Nobody else is waiting.") if here else N_("Nobody is waiting."))
        conversation, event = taken
        row = await access_conversation(tx, session.reader, conversation)
        await reading.record_viewing(tx, session.reader, row.debtor_id)
        opened = await conversation_view(desk, tx, row)
        toast = act_toast(desk, tx, row, "claim", event, opened.debtor_name)
    address = f"/c/{conversation}?view={queue_key(request.query_params.get('view'), session.reader)}"
    if not is_partial(request):
        return Response("", status_code=303, headers={"location": address})
    answer = html(desk.render("parts/acts/next.html", conversation=opened, toast=toast))
    answer.headers["hx-push-url"] = address
    return answer


def _nobody(desk: Desk, request: AnyRequest, why: str) -> Response[str]:
    """Nothing was taken and nothing is swapped: what is open stays as it is, and the page says so."""
    if not is_partial(request):
        return Response("", status_code=303, headers={"location": "/"})
    answer = html("", 409)
    answer.headers["x-problem"] = quote(desk.say(why))
    return answer


@get("/c/{conversation_id:uuid}/acts/{name:str}", include_in_schema=False)
async def act_menu(
    request: AnyRequest, product: Product, renderer: Renderer, session: Session, conversation_id: UUID, name: str
) -> Response[str]:
    """The choices of an act: until when, to whom, with which outcome."""
    desk = _desk(request, renderer, session)
    require_writer(session.reader)
    if name not in ("snooze", "transfer", "close"):
        raise NotFound
    async with product.db.transaction() as tx:
        row = await access_conversation(tx, session.reader, conversation_id)
        choices = await _choices(desk, tx, row, name)
    return html(desk.render(f"parts/acts/{name}.html", conversation_id=str(conversation_id), **choices))


async def _choices(desk: Desk, tx: Tx, row: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - a row of access_conversation
    reader = desk.reader
    if name == "transfer":
        portfolios = reader.seen_of(row.portfolios)
        people = await transferring.receivers(tx, portfolios, but=row.assigned_agent_id)
        teams = await transferring.teams(tx, portfolios)
        return {"people": people, "teams": teams, "me": reader.agent_id, "owner": row.assignee}
    if name == "close":
        return {"dispositions": [(code, DISPOSITIONS[code]) for code in closing.DISPOSITIONS], "chosen": row.disposition}
    soon = [(choice, desk.soon(moment, tx.now)) for choice, moment in snoozing.choices(tx.now, reader.zone)]
    earliest, latest = (desk.local(moment) for moment in (tx.now, tx.now + snoozing.LONGEST))
    return {"moments": soon, "earliest": earliest, "latest": latest, "asleep": row.snoozed_until is not None}


@post("/c/{conversation_id:uuid}/read", status_code=204, include_in_schema=False)
async def read(request: AnyRequest, product: Product, session: Session, conversation_id: UUID) -> None:
    """The reader has seen the end of the timeline at a revision."""
    form = await request.form()
    async with product.work() as tx:
        debtor = await debtor_of(tx, session, conversation_id)
        await ownership.record_read(tx, session.reader, debtor, _revision(form.get("revision")))


def _revision(text: object) -> int:
    try:
        return max(0, int(str(text)[:18]))
    except ValueError as error:
        raise InvalidField("revision", N_("the page is out of date; reload it")) from error


def _desk(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)
