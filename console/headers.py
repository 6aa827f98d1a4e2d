"""Headers of every answer: nothing inline, nothing framed, nothing cached that holds personal data."""

from __future__ import annotations

from collections.abc import Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from base.settings import Settings

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; font-src 'self'; connect-src 'self'{sockets};"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def guarded(settings: Settings) -> Callable[[ASGIApp], ASGIApp]:
    """Middleware that adds the headers."""
    sockets = " " + settings.origin.replace("http", "ws", 1)
    headers = {
        "content-security-policy": _CSP.format(sockets=sockets),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.public_url.startswith("https://"):
        headers["strict-transport-security"] = "max-age=31536000"

    def middleware(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            async def adding_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    given = MutableScopeHeaders.from_message(message)
                    for name, value in headers.items():
                        given.setdefault(name, value)
                    # An error is never kept: while a release rolls out, a machine may not have a file yet.
                    may_keep = scope["path"].startswith("/static/") and message["status"] < 400
                    given.setdefault("cache-control", "public, max-age=3600" if may_keep else "no-store")
                await send(message)

            await app(scope, receive, adding_send)

        return answer

    return middleware
