"""The control door for tests, the seed and people: scenarios, clients' words, and the durable record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, JSONBody, QueryParameter

from simulator.addresses import OWNER
from simulator.carrier import Carrier
from simulator.inbound import Words, WordsError, speak
from simulator.records import Client, Message
from simulator.scenarios import Scenario, ScenarioError

After = Annotated[int, QueryParameter(ge=0)]
Limit = Annotated[int, QueryParameter(ge=1, le=10_000)]
LIMIT = 1000
# Sixteen megabytes of a medium in base64, and what stands around it.
UPLOAD_LIMIT = 24_000_000


class ClientWords(msgspec.Struct, forbid_unknown_fields=True):
    """A client as the seed tells of them. `number` is their phone, or the WhatsApp id of one who never showed a phone."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    number: Annotated[str, msgspec.Meta(pattern=OWNER)]
    lines: list[Annotated[str, msgspec.Meta(max_length=1600)]] = []


class Switch(msgspec.Struct, forbid_unknown_fields=True):
    """Whether clients write on their own."""

    on: bool


@get("/health")
async def show_health(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Alive, and what is switched on."""
    carrier = _carrier(request)
    return {
        "status": "ok",
        "under_way": carrier.under_way,
        "paused": carrier.caller.paused,
        "trickle": carrier.trickle,
        "product": carrier.config.public_url,
        "clock_shift": carrier.clock.shift,
    }


@get("/accepted")
async def show_accepted(request: Request[Any, Any, Any], after: After = 0, limit: Limit = LIMIT) -> dict[str, Any]:
    """What was accepted from the product, in order, from the durable record."""
    rows = _carrier(request).store.record("outbound-api", after=after, limit=limit)
    return {"accepted": [_accepted(row) for row in rows], "next": rows[-1].seq if len(rows) == limit else None}


@get("/inbound")
async def show_inbound(request: Request[Any, Any, Any], after: After = 0, limit: Limit = LIMIT) -> dict[str, Any]:
    """What clients wrote, in order, with the product's answers so far. Forgeries are not here: they never were the carrier's."""
    store = _carrier(request).store
    rows = store.record("inbound", after=after, limit=limit)
    answers: dict[str, list[int | None]] = {}
    for start in range(0, len(rows), 500):
        answers |= store.answers(row.sid for row in rows[start : start + 500])
    return {"inbound": [_heard(row, answers[row.sid]) for row in rows], "next": rows[-1].seq if len(rows) == limit else None}


@get("/callbacks")
async def show_callbacks(
    request: Request[Any, Any, Any], after: After = 0, limit: Limit = LIMIT, sid: FromQuery[str | None] = None
) -> dict[str, Any]:
    """Every call to the product, receipts and clients' words, with its answer."""
    rows = _carrier(request).store.attempts(after=after, limit=limit, sid=sid)
    return {"callbacks": [asdict(row) | {"at": iso(row.at)} for row in rows], "next": rows[-1].seq if len(rows) == limit else None}


@post("/inbound", status_code=200, request_max_body_size=UPLOAD_LIMIT)
async def write_as_client(request: Request[Any, Any, Any], data: JSONBody[Words]) -> dict[str, Any]:
    """Let a client write."""
    try:
        sid, codes = await speak(_carrier(request), data)
    except WordsError as error:
        raise HTTPException(str(error), status_code=400) from error
    return {"sid": sid, "status_codes": codes}


@post("/scenario", status_code=201)
async def add_scenario(request: Request[Any, Any, Any], data: JSONBody[Scenario]) -> dict[str, Any]:
    """Set a rule behind those already set."""
    carrier = _carrier(request)
    try:
        data.check(has_old_token=bool(carrier.config.auth_token_old))
    except ScenarioError as error:
        raise HTTPException(str(error), status_code=400) from error
    return {"id": carrier.scenarios.add(data).id}


@get("/scenarios")
async def show_scenarios(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """All rules and how often each was taken."""
    return {"scenarios": _carrier(request).scenarios.show()}


@delete("/scenarios", status_code=204)
async def clear_scenarios(request: Request[Any, Any, Any]) -> None:
    """Forget all rules."""
    _carrier(request).scenarios.clear()


@post("/clients", status_code=200)
async def learn_clients(request: Request[Any, Any, Any], data: JSONBody[list[ClientWords]]) -> dict[str, int]:
    """Learn who may write, durably."""
    clients = [Client(client.number, client.name, tuple(client.lines)) for client in data]
    _carrier(request).store.phones.upsert_clients(clients)
    return {"clients": len(clients)}


@post("/pause", status_code=200)
async def pause_callbacks(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Hold all receipts back."""
    _carrier(request).caller.pause()
    return {"paused": True}


@post("/resume", status_code=200)
async def resume_callbacks(request: Request[Any, Any, Any]) -> dict[str, bool]:
    """Let receipts go again."""
    _carrier(request).caller.resume()
    return {"paused": False}


@post("/trickle", status_code=200)
async def switch_trickle(request: Request[Any, Any, Any], data: JSONBody[Switch]) -> dict[str, bool]:
    """Let clients write on their own, or no longer."""
    _carrier(request).switch_trickle(data.on)
    return {"trickle": data.on}


control = Router(
    "/_simulator",
    route_handlers=[
        show_health, show_accepted, show_inbound, show_callbacks, write_as_client, add_scenario, show_scenarios, clear_scenarios,
        learn_clients, pause_callbacks, resume_callbacks, switch_trickle,
    ],
)  # fmt: skip


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, with microseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def _carrier(request: Request[Any, Any, Any]) -> Carrier:
    carrier: Carrier = request.app.state.carrier
    return carrier


def _accepted(row: Message) -> dict[str, Any]:
    return {
        "seq": row.seq, "sid": row.sid, "to": row.recipient, "from": row.sender, "body": row.body, "status_callback": row.status_callback,
        "validity_period": row.validity_period, "accepted_at": iso(row.created_at), "answered": row.answered, "status": row.status,
        "error_code": row.error_code, "channel": row.channel, "media": list(row.media), "detail": row.detail,
    }  # fmt: skip


def _heard(row: Message, codes: list[int | None]) -> dict[str, Any]:
    return {
        "seq": row.seq, "sid": row.sid, "from": row.sender, "to": row.recipient, "body": row.body, "media": list(row.media),
        "opt_out_type": row.opt_out_type, "lost": row.lost, "received_at": iso(row.created_at), "status_codes": codes,
        "channel": row.channel, "detail": row.detail,
    }  # fmt: skip
