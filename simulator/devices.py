"""The control door for what is around the messages: phones, scripts, templates, the clock, and the open address of media."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

import msgspec
from litestar import MediaType, Request, Response, Router, get, post, put
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody

from simulator.actors import Actors
from simulator.addresses import OWNER
from simulator.carrier import Carrier
from simulator.records import Content, Phone
from simulator.review import rule
from simulator.scripts import Line, Rule, Script, ScriptError
from simulator.templates import body_of, places_of, shown_type

Owner = Annotated[str, msgspec.Meta(pattern=OWNER)]
CONTENTS_SHOWN = 500
YEAR = 366 * 86_400
RANGE = re.compile(r"bytes=(\d{1,9})-(\d{1,9})?")


class Setting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What one device is set to; what is left out stays as it was."""

    number: Owner
    profile_name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    user_id: Annotated[str, msgspec.Meta(pattern=r"^([A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128})?$")] | None = None
    username_only: bool | None = None
    read_receipts: bool | None = None


class Casting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which script a client answers by: its name, a variant behind a colon, or empty for none; `start` lets them write first."""

    number: Owner
    script: Annotated[str, msgspec.Meta(max_length=50)]
    start: bool = False
    channel: Literal["sms", "whatsapp"] = "whatsapp"


class Play(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A script without its name, which stands in the address."""

    rules: tuple[Rule, ...]
    title: str = ""
    about: str = ""
    opens: tuple[Line, ...] = ()
    username_only: bool = False


class Ruling(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be the state of a template's review, and why."""

    status: Literal["unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled"]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Shift(msgspec.Struct, forbid_unknown_fields=True):
    """How far the carrier's clock stands before this machine's, in seconds."""

    shift: Annotated[float, msgspec.Meta(ge=-YEAR, le=YEAR)]


@get("/phones")
async def show_phones(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Every device that was set or used on WhatsApp."""
    return {"phones": [show_phone(phone) for phone in _carrier(request).store.phones.all()]}


@post("/phones", status_code=200)
async def set_phones(request: Request[Any, Any, Any], data: JSONBody[list[Setting]]) -> dict[str, Any]:
    """Set devices, durably."""
    phones = _carrier(request).store.phones
    kept = list[Phone]()
    for setting in data:
        given = {name: value for name, value in msgspec.structs.asdict(setting).items() if value is not None and name != "number"}
        kept.append(phones.keep(replace(phones.get(setting.number), **given)))
    return {"phones": [show_phone(phone) for phone in kept]}


@get("/scripts")
async def show_scripts(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """All scripts, and who answers by which."""
    cast = {phone.owner: phone.script for phone in _carrier(request).store.phones.all() if phone.script}
    return {"scripts": [msgspec.to_builtins(script) for script in _actors(request).scripts.values()], "cast": cast}


@post("/scripts", status_code=200)
async def cast_clients(request: Request[Any, Any, Any], data: JSONBody[list[Casting]]) -> dict[str, Any]:
    """Let clients answer by themselves, or no longer."""
    try:
        phones = [_actors(request).cast(one.number, one.script, start=one.start, channel=one.channel) for one in data]
    except ScriptError as error:
        raise HTTPException(str(error), status_code=400) from error
    return {"phones": [show_phone(phone) for phone in phones]}


@put("/scripts/{name:str}", status_code=200)
async def define_script(request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[Play]) -> dict[str, str]:
    """Set a script of one's own, or replace one."""
    try:
        _actors(request).define(msgspec.convert({"name": name, **msgspec.to_builtins(data)}, Script))
    except (ScriptError, msgspec.ValidationError) as error:
        raise HTTPException(str(error), status_code=400) from error
    return {"name": name}


@get("/templates")
async def show_templates(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Templates with their review, newest first."""
    return {"templates": [show_template(row) for row in _carrier(request).store.contents.page(limit=CONTENTS_SHOWN)]}


@post("/templates/{sid:str}", status_code=200)
async def rule_template(request: Request[Any, Any, Any], sid: FromPath[str], data: JSONBody[Ruling]) -> dict[str, Any]:
    """Say a person's word on a template, whatever the reviewers said."""
    carrier = _carrier(request)
    row = carrier.store.contents.find(sid)
    if row is None:
        raise HTTPException(f"There is no template {sid}.", status_code=404)
    return show_template(rule(carrier.store, row, data.status, data.reason, carrier.clock.now()))


@post("/clock", status_code=200)
async def move_clock(request: Request[Any, Any, Any], data: JSONBody[Shift]) -> dict[str, float]:
    """Move the carrier's clock, for example a day ahead to close every window."""
    _carrier(request).move_clock(data.shift)
    return {"shift": data.shift, "now": _carrier(request).clock.now()}


@get("/media/{token:str}", media_type=MediaType.TEXT)
async def read_media(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[bytes]:
    """The bytes of a medium, for whoever was sent here."""
    file = _carrier(request).store.files.by_token(token)
    if file is None or file.content is None:
        raise HTTPException("There is no such medium.", status_code=404)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    start = int(asked[1]) if asked else len(file.content)
    if start >= len(file.content):
        return Response(file.content, media_type=file.content_type, headers=headers)
    # A player that looks for the end of a sound asks for a part.
    part = file.content[start : int(asked[2]) + 1 if asked and asked[2] else None]
    headers["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(file.content)}"
    return Response(part, status_code=206, media_type=file.content_type, headers=headers)


devices = Router(
    "/_simulator",
    route_handlers=[
        show_phones, set_phones, show_scripts, cast_clients, define_script, show_templates, rule_template, move_clock, read_media,
    ],
)  # fmt: skip


def show_phone(phone: Phone) -> dict[str, Any]:
    """A device as it is set."""
    return {("number" if name == "owner" else name): value for name, value in asdict(phone).items() if name != "taken"}


def show_template(row: Content) -> dict[str, Any]:
    """A template with its review."""
    return {
        "sid": row.sid, "name": row.name or row.friendly_name, "language": row.language, "category": row.category, "status": row.status,
        "reason": row.rejection_reason, "type": shown_type(row, "whatsapp")[0], "body": body_of(row), "places": places_of(row),
    }  # fmt: skip


def _actors(request: Request[Any, Any, Any]) -> Actors:
    actors: Actors = request.app.state.actors
    return actors


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier
