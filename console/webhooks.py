"""The carriers' doors: the signature is proved before anything else, and nothing is answered 2xx that is not in the database."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from litestar import Request, Response, post
from litestar.exceptions import HTTPException

from base import audit
from base.db import Tx
from base.errors import NotFound, Raced, Unavailable
from base.log import log
from channels.contract import Adapter, Channel, Forged, Inbound, Receipt, Unparseable, WebhookRequest
from console.metrics import WEBHOOKS
from inbox.originals import quarantine
from inbox.product import Product
from inbox.receipts import record_receipt
from inbox.receiving import receive

_EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
_TRIES = 3
_FORGERIES_PER_SECOND = 5

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")


@post("/hooks/twilio/message", status_code=200, opt={"door": "carrier"}, include_in_schema=False)
async def twilio_message(request: AnyRequest, product: Product) -> Response[bytes]:
    """A client's word, by SMS or WhatsApp: both of one account come through this door."""
    adapter = product.adapters[Channel.SMS]
    raw = await _verified(request, product, adapter)
    try:
        words = adapter.parse(raw)
    except Unparseable as problem:
        return await _quarantined(product, "twilio/message", raw.body, str(problem))

    async def record(tx: Tx, word: Inbound) -> None:
        await receive(tx, word, raw.body)

    return await _record_all(product, "twilio/message", raw.body, words, record)


@post("/hooks/twilio/receipt/{message_id:str}", status_code=200, opt={"door": "carrier"}, include_in_schema=False)
async def twilio_receipt(request: AnyRequest, product: Product, message_id: str) -> Response[bytes]:
    """The carrier's word on one of our messages."""
    adapter = product.adapters[Channel.SMS]
    raw = await _verified(request, product, adapter)
    try:
        ours = UUID(message_id)
        receipts = adapter.parse_receipt(raw)
    except (Unparseable, ValueError) as problem:
        return await _quarantined(product, "twilio/receipt", raw.body, str(problem))

    async def record(tx: Tx, receipt: Receipt) -> None:
        await record_receipt(tx, ours, receipt, raw.body)

    return await _record_all(product, "twilio/receipt", raw.body, receipts, record)


async def _record_all(
    product: Product, door: str, body: bytes, things: list[T], record: Callable[[Tx, T], Awaitable[None]]
) -> Response[bytes]:
    """One transaction for the whole request; what cannot be recorded is quarantined in another, and only then answered."""
    for left in reversed(range(_TRIES)):
        try:
            async with product.work() as tx:
                for thing in things:
                    await record(tx, thing)
            WEBHOOKS.labels(door, "recorded").inc()
            return _answer()
        except (Raced, Unavailable):
            if not left:
                raise
        except NotFound as problem:
            return await _quarantined(product, door, body, str(problem))
        except Exception as error:  # noqa: BLE001 - the edge: whatever the content did, it must not be lost
            log.exception("webhook.not_recorded", door=door)
            return await _quarantined(product, door, body, f"could not be recorded: {type(error).__name__}")
    raise Unavailable("The database does not answer.")


async def _verified(request: AnyRequest, product: Product, adapter: Adapter) -> WebhookRequest:
    scope = request.scope
    raw = WebhookRequest(
        method=request.method,
        path=bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        headers=tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]),
        body=await request.body(),
    )
    try:
        adapter.verify(raw)
    except Forged as forgery:
        WEBHOOKS.labels(adapter.name, "forged").inc()
        await _note_forgery(product, adapter, str(forgery))
        raise HTTPException(status_code=403, detail="The signature does not fit.") from forgery
    return raw


async def _note_forgery(product: Product, adapter: Adapter, reason: str) -> None:
    """A row in the ledger for each forged request, but no more than a flood would leave useful."""
    now = int(time.monotonic())
    count = _forgeries.get(now, 0) + 1
    _forgeries.clear()
    _forgeries[now] = count
    if count > _FORGERIES_PER_SECOND:
        return
    try:
        async with product.work() as tx:
            await audit.record(tx, f"carrier:{adapter.name}", "webhook.forged", None, reason=reason)
    except Unavailable:
        log.warning("webhook.forged", adapter=adapter.name)


_forgeries: dict[int, int] = {}


async def _quarantined(product: Product, door: str, body: bytes, reason: str) -> Response[bytes]:
    async with product.work() as tx:
        await quarantine(tx, door, body, reason[:500])
    WEBHOOKS.labels(door, "quarantined").inc()
    return _answer()


def _answer() -> Response[bytes]:
    return Response(_EMPTY_TWIML, media_type="text/xml")
