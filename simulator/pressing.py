"""What a person does on the phone page: writes, attaches, presses a button, sets the phone, rules on a template."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec.structs
from litestar import Request, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from simulator import view
from simulator.actors import Actors
from simulator.addresses import PHONE, on_whatsapp
from simulator.carrier import Carrier
from simulator.inbound import Attachment, Button, Choice, Place, Words, speak
from simulator.review import STATUSES, rule
from simulator.samples import SAMPLES
from simulator.scripts import ScriptError
from simulator.whatsapp import press_of

TEXT_LIMIT, NAME_LIMIT = 1600, 100
FILE_LIMIT, FORM_LIMIT = 16_000_000, 17_000_000
# A place that everybody in Bogotá knows.
HERE = Place(4.5981, -74.0760, "Plaza de Bolívar", "Cra. 7 con Calle 11, Bogotá")
Form = dict[str, Any]


@post("/say", status_code=303, request_max_body_size=FORM_LIMIT)
async def say(request: Request[Any, Any, Any]) -> Redirect:
    """The person at the phone writes as the client, or sends a sample, a file or a place."""
    form = await _form(request)
    owner, app = _chosen(form)
    text, media = str(form.get("text", ""))[:TEXT_LIMIT].strip("\n"), await _media(form)
    place = HERE if form.get("sample") == "place" and app == "whatsapp" else None
    if owner and (text.strip() or media or place):
        quoted = str(form.get("reply_to", "")) if app == "whatsapp" else ""
        known = _carrier(request).store.find(quoted) is not None
        _speak(request, owner, app, text=text, media=media, place=place, reply_to=quoted if known else None)
        await asyncio.sleep(0)
    return _back(owner, app)


@post("/press", status_code=303)
async def press(request: Request[Any, Any, Any]) -> Redirect:
    """Press a button or choose a line in one of our messages."""
    form = await _form(request)
    owner, app = _chosen(form)
    sid, _, at = str(form.get("press", "")).partition(":")
    message = _carrier(request).store.find(sid)
    pressed = press_of(message, int(at)) if message and at.isdecimal() and len(at) < 3 else None
    if owner and message and pressed:
        parts = {name: msgspec.convert(value, {"button": Button, "list": Choice}[name]) for name, value in pressed.items()}
        _speak(request, owner, "whatsapp", reply_to=message.sid, **parts)
        await asyncio.sleep(0)
    return _back(owner, app)


@post("/rule", status_code=303)
async def choose_rule(request: Request[Any, Any, Any]) -> Redirect:
    """Choose what befalls the next message to this client."""
    form = await _form(request)
    owner, app = _chosen(form)
    if owner:
        view.choose_rule(_carrier(request), owner, str(form.get("rule", "")))
        request.app.state.hub.ring()
    return _back(owner, app)


@post("/device", status_code=303)
async def set_device(request: Request[Any, Any, Any]) -> Redirect:
    """Set the phone in hand: its name on WhatsApp, one of its switches, or the script by which it answers."""
    form = await _form(request)
    owner, app = _chosen(form)
    switch, _, on = str(form.get("switch", "")).partition(":")
    phones = _carrier(request).store.phones
    if owner and switch in ("username_only", "read_receipts"):
        given: dict[str, Any] = {switch: on == "1"}
        phones.keep(replace(phones.get(owner), **given))
    elif owner and "script" in form:
        _cast(request, owner, str(form["script"]), app, start=form.get("start") == "1")
    elif owner and "profile_name" in form:
        phones.keep(replace(phones.get(owner), profile_name=str(form["profile_name"]).strip()[:NAME_LIMIT]))
    return _back(owner, app)


@post("/review", status_code=303)
async def review(request: Request[Any, Any, Any]) -> Redirect:
    """Say a reviewer's word on a template."""
    form, carrier = await _form(request), _carrier(request)
    sid, _, status = str(form.get("status", "")).partition(":")
    content = carrier.store.contents.find(sid)
    if content and status in STATUSES:
        rule(carrier.store, content, status, "Rechazada a mano" if status == "rejected" else "", carrier.clock.now())
    return _back(*_chosen(form))


@post("/trickle", status_code=303)
async def switch_trickle(request: Request[Any, Any, Any]) -> Redirect:
    """Let clients write on their own, or no longer."""
    form = await _form(request)
    _carrier(request).switch_trickle(form.get("on") == "1")
    request.app.state.hub.ring()
    return _back(*_chosen(form))


ACTIONS = (say, press, choose_rule, set_device, review, switch_trickle)


def _speak(request: Request[Any, Any, Any], owner: str, app: str, **parts: object) -> None:
    """The words are recorded before the page is answered; Trato's answer shows under the bubble when it comes."""
    carrier = _carrier(request)
    sender = on_whatsapp(owner) if app == "whatsapp" else owner
    carrier.spawn(speak(carrier, msgspec.structs.replace(Words(sender=sender), **parts)))


def _cast(request: Request[Any, Any, Any], owner: str, script: str, app: str, *, start: bool) -> None:
    actors: Actors = request.app.state.actors
    try:
        actors.cast(owner, script, start=start, channel=app)
    except ScriptError as error:
        raise HTTPException(str(error), status_code=400) from error


async def _media(form: Form) -> tuple[Attachment, ...]:
    sample, file = str(form.get("sample", "")), form.get("file")
    if sample in SAMPLES:
        return (msgspec.convert({"sample": sample}, Attachment),)
    if isinstance(file, UploadFile) and file.filename:
        content = await file.read(FILE_LIMIT + 1)
        if 0 < len(content) <= FILE_LIMIT:
            return (Attachment(content=content, name=file.filename[:200], content_type=file.content_type or ""),)
    return ()


async def _form(request: Request[Any, Any, Any]) -> Form:
    form = await request.form()
    return {name: form.get(name) for name in form}


def _chosen(form: Form) -> tuple[str | None, str]:
    owner, app = view.read_owner(str(form.get("client", ""))), str(form.get("app", "sms"))
    # Somebody without a number has no text messages.
    return owner, "whatsapp" if app == "whatsapp" or (owner and not PHONE.fullmatch(owner)) else "sms"


def _back(owner: str | None, app: str) -> Redirect:
    return Redirect("/?" + urlencode({"client": owner, "app": app}) if owner else "/", status_code=303)


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier
