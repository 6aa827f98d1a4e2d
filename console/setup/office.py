"""The way into the settings: who may enter, the frame that every page has, and how forms are read and given back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.response import Redirect

from base.errors import InvalidField, NotFound
from base.signs import is_kept, unhidden
from base.words import N_
from console.desk import Desk
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from console.views.setup import Form, FrameView
from staff.models import Role

AnyRequest = Request[Any, Any, Any]
DONE: Final = {
    "saved": N_("It is saved."),
    "added": N_("It is added."),
    "welcome": N_("Welcome! Trato is yours. Six short steps lead to your first message."),
    "off": N_("They can no longer sign in, and what they had open is closed."),
    "on": N_("They can sign in again."),
    "test": N_("The test message is on its way."),
    "template": N_("It is recorded. WhatsApp templates go to the carrier for review by themselves."),
    "answer": N_("It is recorded. In a moment agents find it with “/”, while the 24 hours of a client last."),
    "version": N_("The new version is recorded. Until it is approved, agents are offered the one before it."),
    "retired": N_("It is offered no more."),
    "revoked": N_("The link no longer works."),
}


def enter(request: AnyRequest, renderer: Renderer, session: Session, *roles: Role) -> Desk:
    """A desk for somebody whose role may be here: admins, and `roles`. Raises `NotFound` for everybody else."""
    request.state.language = session.reader.language
    if session.reader.role not in (Role.ADMIN, *roles):
        raise NotFound
    return Desk(renderer, session.reader)


def setup_page(request: AnyRequest, desk: Desk, session: Session, section: str, status: int = 200, **context: object) -> Response[str]:
    """One page of the settings; a section is its template's name."""
    done = desk.say(DONE.get(request.query_params.get("done") or "", "")) if request.method == "GET" else ""
    frame = FrameView(desk.signed_in(session), section.partition("_")[0], desk.reader.role is Role.ADMIN, done)
    return html(desk.render(f"setup/{section}.html", frame=frame, **context), status)


def go_on(path: str, done: str) -> Redirect:
    """After a change: to a page, with a word on what was done."""
    return Redirect(f"{path}?done={done}", status_code=303)


async def read_form(request: AnyRequest, names: Collection[str], several: Collection[str] = ()) -> Form:
    """The fields of a form as plain text; what people cannot type is dropped."""
    form = await request.form()
    return Form({name: text_of(form, name) for name in names}, {name: tuple(str(one) for one in form.getall(name, [])) for name in several})


def text_of(form: FormMultiDict, name: str, most: int = 4000) -> str:
    """One field of a form, without control characters but line ends; whoever records it refuses what turns the order of reading."""
    text = unhidden(str(form.get(name, ""))[:most])
    return "".join(character for character in text if is_kept(character) or character == "\n").strip()


def with_problems(desk: Desk, form: Form, problems: Mapping[str, str]) -> Form:
    """The same form with sentences (msgids) beside its fields."""
    return Form(form.values, form.chosen, {name: desk.say(sentence) for name, sentence in problems.items()})


def with_problem(desk: Desk, form: Form, wrong: InvalidField) -> Form:
    """The same form with one problem beside the field it names."""
    return Form(form.values, form.chosen, {wrong.field: desk.told(wrong)})


def ids(form: Form, name: str) -> list[UUID]:
    """The ids of ticked boxes. Raises `InvalidField`."""
    return [one_id(text, name) for text in form.chosen.get(name, ())]


def one_id(text: str, field: str) -> UUID:
    """An id out of a list of ours. Raises `InvalidField`."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidField(field, N_("Choose one of the list.")) from error


def actor_of(desk: Desk) -> str:
    """Who the ledger says did it."""
    return f"agent:{desk.reader.agent_id}"
