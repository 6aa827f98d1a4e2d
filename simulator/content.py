"""Twilio's Content API: templates, their approval for WhatsApp, and both in one list."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath

from simulator.access import check_token
from simulator.carrier import Carrier
from simulator.errors import TwilioError
from simulator.records import Content
from simulator.review import review_due, submit
from simulator.templates import check_types, shown_type

LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
PAGE_LIMIT = 500
Answer = Response[Any]


@post("/Content", status_code=201)
async def create_content(request: Request[Any, Any, Any]) -> Answer:
    """Keep a new template; nobody may send it outside a session before it is approved."""
    carrier, data = _carrier(request), await _body(request)
    language, types, variables = data.get("language"), data.get("types"), data.get("variables") or {}
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise TwilioError(20001, "language")
    if not isinstance(types, dict):
        raise TwilioError(20001, "types")
    types = {kind: value for kind, value in types.items() if value is not None}
    check_types(types)
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise TwilioError(20001, "variables")
    now = carrier.clock.now()
    content = Content("HX" + uuid.uuid4().hex, str(data.get("friendly_name") or ""), language, variables, types, now, now)
    return Response(_shown(request, carrier.store.contents.add(content)), status_code=201)


@get("/Content")
async def list_contents(request: Request[Any, Any, Any]) -> Answer:
    """One page of templates, newest first."""
    return _page(request, "Content", _shown)


@get("/ContentAndApprovals")
async def list_approvals(request: Request[Any, Any, Any]) -> Answer:
    """One page of templates with where their review stands."""
    return _page(request, "ContentAndApprovals", _shown_with_approval)


@get("/Content/{sid:str}")
async def fetch_content(request: Request[Any, Any, Any], sid: FromPath[str]) -> Answer:
    """One template."""
    return Response(_shown(request, _find(request, sid)))


@delete("/Content/{sid:str}", status_code=204)
async def delete_content(request: Request[Any, Any, Any], sid: FromPath[str]) -> None:
    """Forget a template; what was sent with it stays."""
    _carrier(request).store.contents.remove(_find(request, sid).sid)


@post("/Content/{sid:str}/ApprovalRequests/whatsapp", status_code=201)
async def ask_approval(request: Request[Any, Any, Any], sid: FromPath[str]) -> Answer:
    """Hand a template to WhatsApp's reviewers; one that waits or is approved is not asked for twice."""
    carrier, content, data = _carrier(request), _find(request, sid), await _body(request)
    if content.status in ("received", "pending", "approved", "disabled"):
        raise TwilioError(20409, "The template was already submitted", status=409)
    asked = submit(carrier.store, content, data.get("name"), data.get("category"), data.get("allow_category_change"), carrier.clock.now())
    return Response(_approval(asked), status_code=201)


@get("/Content/{sid:str}/ApprovalRequests")
async def fetch_approval(request: Request[Any, Any, Any], sid: FromPath[str]) -> Answer:
    """Where the review of a template stands."""
    content = _find(request, sid)
    here = f"{_base(request)}/Content/{content.sid}/ApprovalRequests"
    account = _carrier(request).config.account_sid
    return Response({"sid": content.sid, "account_sid": account, "whatsapp": {"type": "whatsapp", **_approval(content)}, "url": here})


content = Router(
    "/v1",
    route_handlers=[create_content, list_contents, list_approvals, fetch_content, delete_content, ask_approval, fetch_approval],
    guards=[check_token],
)


def _page(request: Request[Any, Any, Any], folder: str, show: Callable[[Request[Any, Any, Any], Content], dict[str, Any]]) -> Answer:
    carrier, query = _carrier(request), request.query_params
    size, page, token = min(_whole(query.get("PageSize"), 50, 1), PAGE_LIMIT), _whole(query.get("Page"), 0, 0), query.get("PageToken", "")
    marker = _marker(carrier, token)
    _review(carrier)
    if token.startswith("PB"):
        rows, more = carrier.store.contents.page(limit=size, after=marker), True
    else:
        rows = carrier.store.contents.page(limit=size + 1, before=marker)
        rows, more = rows[:size], len(rows) > size

    def link(number: int, token: str = "") -> str:
        return f"{_base(request)}/{folder}?" + urlencode({"PageSize": size, "Page": number} | ({"PageToken": token} if token else {}))

    meta = {
        "page": page, "page_size": size, "first_page_url": link(0), "url": link(page, token), "key": "contents",
        "previous_page_url": link(page - 1, f"PB{rows[0].sid}") if page and rows else None,
        "next_page_url": link(page + 1, f"PA{rows[-1].sid}") if more else None,
    }  # fmt: skip
    return Response({"contents": [show(request, row) for row in rows], "meta": meta})


def _shown(request: Request[Any, Any, Any], row: Content) -> dict[str, Any]:
    here = f"{_base(request)}/Content/{row.sid}"
    links = {"approval_create": f"{here}/ApprovalRequests/whatsapp", "approval_fetch": f"{here}/ApprovalRequests"}
    return {**_about(request, row), "url": here, "links": links}


def _shown_with_approval(request: Request[Any, Any, Any], row: Content) -> dict[str, Any]:
    return {**_about(request, row), "approval_requests": _approval(row)}


def _about(request: Request[Any, Any, Any], row: Content) -> dict[str, Any]:
    return {
        "sid": row.sid, "account_sid": _carrier(request).config.account_sid, "friendly_name": row.friendly_name, "language": row.language,
        "variables": row.variables, "types": row.types, "date_created": _iso(row.created_at), "date_updated": _iso(row.updated_at),
    }  # fmt: skip


def _approval(row: Content) -> dict[str, Any]:
    return {
        "name": row.name, "category": row.category, "content_type": shown_type(row, "whatsapp")[0] if row.name else "", "status": row.status,
        "rejection_reason": row.rejection_reason, "allow_category_change": row.allow_category_change,
    }  # fmt: skip


def _find(request: Request[Any, Any, Any], sid: str) -> Content:
    carrier = _carrier(request)
    _review(carrier)
    found = carrier.store.contents.find(sid)
    if found is None:
        raise TwilioError(20404, request.url.path, status=404)
    return found


def _review(carrier: Carrier) -> None:
    review_due(carrier.store, carrier.clock.now(), carrier.config.approved_after)


def _marker(carrier: Carrier, token: str) -> int | None:
    if not token:
        return None
    found = carrier.store.contents.find(token[2:]) if token[:2] in ("PA", "PB") else None
    if found is None:
        raise TwilioError(20001, "PageToken")
    return found.seq


def _whole(text: str | None, default: int, least: int) -> int:
    if not text:
        return default
    if not text.isdecimal() or len(text) > 9 or int(text) < least:
        raise TwilioError(20001, "PageSize")
    return int(text)


async def _body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    try:
        found = json.loads(await request.body())
    except ValueError as error:
        raise TwilioError(20001, "body") from error
    if not isinstance(found, dict):
        raise TwilioError(20001, "body")
    return found


def _iso(at: float) -> str:
    return f"{datetime.fromtimestamp(int(at), UTC):%Y-%m-%dT%H:%M:%SZ}"


def _base(request: Request[Any, Any, Any]) -> str:
    return f"{_carrier(request).config.own_url}/v1"


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier
