"""The door of an agent's own preferences: every choice is kept at once, and the answer is what the page needs to follow it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.response import Redirect

from base.errors import InvalidField
from base.words import N_
from console.answers import own_path
from console.desk import Desk
from console.desk.shell import shell_view
from console.keys import BY_ACTION, GROUPS, RESERVED, own_keys
from console.pages import html
from console.rendering import Renderer
from console.session import Session
from inbox.product import Product
from staff.preferences import KeyTaken, Preferences, read_preferences, record_preferences, record_tongue

AnyRequest = Request[Any, Any, Any]
PART = "parts/preferences_saved.html"


@get("/me/preferences", include_in_schema=False)
async def preferences_part(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[str]:
    """What another window of the same agent fetches when this one changed something."""
    return await _part(_desk(request, renderer, session), product, session)


@post("/me/preferences", status_code=200, include_in_schema=False)
async def save_preferences(request: AnyRequest, product: Product, renderer: Renderer, session: Session) -> Response[Any]:
    """Keep the choices that the form names. A key that is taken is refused with the name of the action that has it.

    A page without scripts goes on to `next`, a path of this site.
    """
    desk = _desk(request, renderer, session)
    form = await request.form()
    given = {name: str(form.get(name, ""))[:64] for name in form}
    try:
        async with product.work() as tx:
            kept = await read_preferences(tx, session.reader.agent_id)
            await record_preferences(tx, session.reader.agent_id, _chosen(kept, given), GROUPS, RESERVED)
            language, zone = given.get("language", session.reader.language), given.get("zone", session.reader.zone)
            await record_tongue(tx, session.reader.agent_id, language, zone)
    except InvalidField as wrong:
        return await _refused(product, desk, session, wrong)
    if onward := own_path(given.get("next")):
        return Redirect(onward, status_code=303)
    now = Session(replace(session.reader, language=language, zone=zone), session.secret, session.csrf_token)
    return await _part(_desk(request, renderer, now), product, now)


async def _refused(product: Product, desk: Desk, session: Session, wrong: InvalidField) -> Response[str]:
    problem = desk.told(wrong)
    if isinstance(wrong, KeyTaken):
        taken = {"key": wrong.key.upper(), "action": desk.say(BY_ACTION[wrong.other].label)}
        problem = desk.say(N_("%(key)s already stands for “%(action)s”. Give that one another key first."), **taken)
    return await _part(desk, product, session, (wrong.field, problem))


async def _part(desk: Desk, product: Product, session: Session, problem: tuple[str, str] = ("", "")) -> Response[str]:
    async with product.db.transaction() as tx:
        shell = await shell_view(desk, tx, session, problem)
    return html(desk.render(PART, shell=shell), 422 if problem[1] else 200)


def _chosen(kept: Preferences, given: dict[str, str]) -> Preferences:
    """What was kept, with what the form says. A form says `on` and `off`, and nothing of what it does not show."""
    return replace(
        kept,
        keys=_keys(kept, given.get("remap", "")),
        keys_on=_switch(given, "keys_on", kept.keys_on),
        sound=_switch(given, "sound", kept.sound),
        notify=_switch(given, "notify", kept.notify),
        undo_seconds=_seconds(given["undo_seconds"]) if "undo_seconds" in given else kept.undo_seconds,
        density=given.get("density", kept.density),
    )


def _switch(given: dict[str, str], name: str, kept: bool) -> bool:
    return given[name] == "on" if name in given else kept


def _keys(kept: Preferences, remap: str) -> dict[str, str]:
    """`action=key` gives an action a key, `action=` its own one back, `*` all of them theirs."""
    if remap == "*":
        return {}
    action, _, key = remap.partition("=")
    keys = {known: kept_key for known, kept_key in own_keys(kept.keys).items() if known != action}
    if action and key and (action not in BY_ACTION or key != BY_ACTION[action].key):
        keys[action] = key
    return keys


def _seconds(text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError as error:
        raise InvalidField("undo_seconds", N_("choose one of the times")) from error


def _desk(request: AnyRequest, renderer: Renderer, session: Session) -> Desk:
    request.state.language = session.reader.language
    return Desk(renderer, session.reader)
