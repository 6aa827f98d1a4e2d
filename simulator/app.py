"""The simulator as a web application: REST door, control door, the phone page, and who may call them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from simulator.actors import Actors
from simulator.carrier import Carrier
from simulator.config import Config
from simulator.content import content
from simulator.control import control
from simulator.devices import devices
from simulator.errors import TwilioError
from simulator.hub import Hub
from simulator.past import past
from simulator.phone import phone
from simulator.rest import rest
from simulator.trickle import Chatter

LOCAL = ("127.0.0.1", "localhost", "::1")
BODY_LIMIT = 1_000_000


def create_app(config: Config) -> Litestar:
    """The application for one simulated account. Its record is opened at start and closed at the end of its lifespan."""

    @asynccontextmanager
    async def run_carrier(app: Litestar) -> AsyncIterator[None]:
        carrier = Carrier(config)
        app.state.carrier, app.state.hub, app.state.actors = carrier, Hub(), Actors(carrier)
        carrier.store.watch(app.state.hub.ring)
        await carrier.start()
        carrier.keep_running(Chatter(carrier).run())
        try:
            yield
        finally:
            await carrier.stop()

    return Litestar(
        route_handlers=[rest, content, control, devices, past, phone],
        lifespan=[run_carrier],
        before_request=refuse_strangers,
        exception_handlers={TwilioError: answer_error, HTTPException: answer_http_error},
        request_max_body_size=BODY_LIMIT,
        openapi_config=None,
        logging_config=None,  # whoever starts the process decides how it logs
    )


def refuse_strangers(request: Request[Any, Any, Any]) -> Response[Any] | None:
    """Refuse pages of other sites that a browser on this machine has open: by name of host, and by origin."""
    for header in (f"//{request.headers.get('host', '')}", request.headers.get("origin", "")):
        if header not in ("", "//") and _host(header) not in LOCAL:
            return Response({"detail": "The simulator only talks to this machine."}, status_code=403)
    return None


def answer_error(_: Request[Any, Any, Any], error: TwilioError) -> Response[Any]:
    """Twilio's words for a refusal."""
    return Response(error.to_json(), status_code=error.status, headers=error.headers, media_type="application/json")


def answer_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Twilio's words for a wrong address below its prefix, plain ones elsewhere."""
    if request.url.path.startswith(("/2010-04-01/", "/v1/")):
        code = {404: 20404, 405: 20004}.get(error.status_code, 20001)
        return answer_error(request, TwilioError(code, request.url.path, status=error.status_code))
    content = {"detail": error.detail} | ({"extra": error.extra} if error.extra else {})
    return Response(content, status_code=error.status_code, headers=error.headers, media_type="application/json")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
