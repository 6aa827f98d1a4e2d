"""Counters for Prometheus, and the middleware that counts requests by route pattern (never by address, which holds ids)."""

from __future__ import annotations

import hmac
import time
from typing import Any

from litestar import Request, Response, get
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

from base.errors import NotFound
from inbox.product import Product

REQUESTS = Histogram("trato_http_seconds", "Time to answer a request, in seconds.", ["method", "route", "status"])
WEBHOOKS = Counter("trato_webhooks", "Carrier requests by door and what came of them.", ["door", "outcome"])
SOCKETS = Gauge("trato_live_sockets", "Open live sockets of this process.")
FRAMES = Counter("trato_live_frames", "Frames sent to live sockets, by kind.", ["kind"])
LAGGARDS = Counter("trato_live_laggards", "Sockets closed because they did not read.")


def measured(app: ASGIApp) -> ASGIApp:
    """Middleware: the time of every HTTP request, by route."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noting_send)
        finally:
            route = str(scope.get("path_template") or "unknown")
            REQUESTS.labels(scope["method"], route, status).observe(time.perf_counter() - began)

    return middleware


@get("/metrics", opt={"door": "open"}, include_in_schema=False)
async def metrics(request: Request[Any, Any, Any], product: Product) -> Response[bytes]:
    """Prometheus' page, for whoever brings the token of the settings. Raises `NotFound` for everybody else: how busy we are is nobody's business."""
    token = product.settings.metrics_token
    if not token or not hmac.compare_digest(request.headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
        raise NotFound
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
