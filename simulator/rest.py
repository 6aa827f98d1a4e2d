"""Twilio's REST door for messages: Basic auth, create, list, fetch, delete, media."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from litestar import Request, Response, Router, delete, get, post
from litestar.background_tasks import BackgroundTask
from litestar.params import FromPath

from simulator.access import check_account
from simulator.carrier import Carrier
from simulator.creation import read_message
from simulator.errors import TwilioError
from simulator.filters import read_filter
from simulator.records import File, Message
from simulator.resource import show_media, show_media_page, show_message, show_page
from simulator.scenarios import Scenario

FIELDS_LIMIT = 200
PAGE_LIMIT = 1000
Answer = Response[Any]


@post("/Messages.json", status_code=201)
async def create_message(request: Request[Any, Any, Any]) -> Answer:
    """Accept a message, or answer as a scenario wants. What is accepted is on disk before anything is answered."""
    carrier = _carrier(request)
    form = await _form(request)
    rule = carrier.scenarios.take_answer(_last(form, "To"), _last(form, "Body"))
    if rule is not None:
        await _refuse(rule, request)
    message = carrier.accept(read_message(form, carrier.config, carrier.store.contents, carrier.clock.now()))
    if message.plan.get("before_answer"):
        await carrier.live(message)
    if rule is not None:
        return await _answer_oddly(rule, request, message)
    return _created(carrier, message)


@get("/Messages.json")
async def list_messages(request: Request[Any, Any, Any]) -> Answer:
    """One page of both directions, newest first."""
    carrier = _carrier(request)
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    size, page = min(_whole(query, "PageSize", 50, 1), PAGE_LIMIT), _whole(query, "Page", 0, 0)
    wanted, token = read_filter(query), query.get("PageToken", "")
    marker = _marker(carrier, token)
    if token.startswith("PB"):
        rows = carrier.store.page(wanted, limit=size, after=marker)
        more = True
    else:
        offset = 0 if marker is not None else page * size
        rows = carrier.store.page(wanted, limit=size + 1, offset=offset, before=marker)
        rows, more = rows[:size], len(rows) > size
    return Response(show_page(carrier.config.account_sid, rows, query=query, page=page, size=size, more=more))


@get("/Messages/{name:str}")
async def fetch_message(request: Request[Any, Any, Any], name: FromPath[str]) -> Answer:
    """One message by SID."""
    carrier = _carrier(request)
    return Response(show_message(carrier.config.account_sid, _find(request, name.removesuffix(".json"))))


@delete("/Messages/{name:str}", status_code=204)
async def delete_message(request: Request[Any, Any, Any], name: FromPath[str]) -> None:
    """Take a message out of the listing; one that has not reached its end stays (20009 at Twilio)."""
    message = _find(request, name.removesuffix(".json"))
    if message.status in ("queued", "accepted", "scheduled", "sent") and message.direction != "inbound":
        raise TwilioError(20009, status=409)
    _carrier(request).store.delete(message)


@get("/Messages/{sid:str}/Media.json")
async def list_media(request: Request[Any, Any, Any], sid: FromPath[str]) -> Answer:
    """What came with a message."""
    carrier, message = _carrier(request), _find(request, sid)
    return Response(show_media_page(carrier.config.account_sid, message, carrier.store.files.of(message.sid)))


@get("/Messages/{sid:str}/Media/{name:str}")
async def fetch_media(request: Request[Any, Any, Any], sid: FromPath[str], name: FromPath[str]) -> Answer:
    """One medium: what it is (``.json``), or the way to its bytes, which another address gives out without a password."""
    carrier, message = _carrier(request), _find(request, sid)
    file = _find_file(request, message, name.removesuffix(".json"))
    if name.endswith(".json"):
        return Response(show_media(carrier.config.account_sid, message, file))
    if file.content is None:
        raise TwilioError(20404, request.url.path, status=404)
    return Response(None, status_code=307, headers={"Location": f"{carrier.config.own_url}/_simulator/media/{file.token}"})


@delete("/Messages/{sid:str}/Media/{name:str}", status_code=204)
async def delete_media(request: Request[Any, Any, Any], sid: FromPath[str], name: FromPath[str]) -> None:
    """Forget the bytes of one medium."""
    _carrier(request).store.files.remove(_find_file(request, _find(request, sid), name.removesuffix(".json")))


rest = Router(
    "/2010-04-01/Accounts/{account:str}",
    route_handlers=[create_message, list_messages, fetch_message, delete_message, list_media, fetch_media, delete_media],
    guards=[check_account],
)


async def _refuse(rule: Scenario, request: Request[Any, Any, Any]) -> None:
    """Answer without accepting anything, where the rule says so."""
    if rule.kind == "throttled":
        raise TwilioError(20429, status=429, headers={"Retry-After": str(rule.retry_after)})
    if rule.kind == "server_error":
        raise TwilioError(20500, status=500)
    if rule.kind == "refused":
        raise TwilioError(rule.code or 30008, "")
    if rule.kind == "drop":
        await _hang_up(request)
        raise TwilioError(20500, status=500)  # goes nowhere: there is no connection any more
    if rule.kind == "slow" and not rule.accepted:
        await asyncio.sleep(rule.seconds)
        raise TwilioError(20500, status=500)


async def _answer_oddly(rule: Scenario, request: Request[Any, Any, Any], message: Message) -> Answer:
    """Answer for an accepted message as the rule says."""
    carrier = _carrier(request)
    if rule.kind == "accepted_then_500":
        raise TwilioError(20500, status=500)
    if rule.kind == "accept_then_drop":
        await _hang_up(request)
        return Response(None, status_code=500)  # goes nowhere: there is no connection any more
    if rule.kind == "slow":
        await asyncio.sleep(rule.seconds)
    answer = _created(carrier, message)
    if rule.kind == "no_id":
        answer.content.pop("sid")
    return answer


def _created(carrier: Carrier, message: Message) -> Answer:
    shown = show_message(carrier.config.account_sid, message)
    return Response(shown, status_code=201, background=BackgroundTask(_mark_answered, carrier, message))


async def _mark_answered(carrier: Carrier, message: Message) -> None:
    carrier.store.mark_answered(message)


async def _hang_up(request: Request[Any, Any, Any]) -> None:
    """Close the connection without a byte of answer."""
    extensions: dict[str, Any] = request.scope.get("extensions") or {}
    if "simulator.abort" not in extensions:
        raise ConnectionResetError("the carrier closed the connection without an answer")
    extensions["simulator.abort"]()
    await asyncio.sleep(0.01)  # the server learns of the closed connection in its own turn, and then sends nothing


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier


async def _form(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    body = await request.body()
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_LIMIT)
    except ValueError as error:
        raise TwilioError(20001, "count") from error


def _last(form: dict[str, list[str]], name: str) -> str:
    return (form.get(name) or [""])[-1]


def _find(request: Request[Any, Any, Any], sid: str) -> Message:
    message = _carrier(request).store.find(sid, deleted=False)
    if message is None:
        raise TwilioError(20404, request.url.path, status=404)
    return message


def _find_file(request: Request[Any, Any, Any], message: Message, sid: str) -> File:
    file = _carrier(request).store.files.find(sid)
    if file is None or file.message_sid != message.sid:
        raise TwilioError(20404, request.url.path, status=404)
    return file


def _marker(carrier: Carrier, token: str) -> int | None:
    if not token:
        return None
    message = carrier.store.find(token[2:]) if token[:2] in ("PA", "PB") else None
    if message is None:
        raise TwilioError(20001, "PageToken")
    return message.seq


def _whole(query: dict[str, str], name: str, default: int, least: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9 or int(text) < least:
        raise TwilioError(20001, name)
    return int(text)
