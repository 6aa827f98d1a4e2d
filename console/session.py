"""Who is asking: browsers by session cookie with a bound CSRF token, programs by bearer token. Handlers get a reader or are not called."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers import BaseRouteHandler

from base.errors import TratoError
from base.settings import Settings, is_loopback
from base.words import N_
from inbox.access import Reader, reader_by_session, reader_by_token
from inbox.product import Product
from staff.sessions import SESSION_HOURS, csrf_token

AnyRequest = Request[Any, Any, Any]
_SAFE = ("GET", "HEAD", "OPTIONS")


class SignedOut(TratoError):
    """Nobody is signed in here (any more)."""


class CrossSite(TratoError):
    """The request did not come from a page of ours."""


class BadToken(TratoError):
    """The bearer token is missing, unknown or revoked."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    reader: Reader
    secret: str
    csrf_token: str


def cookie_name(settings: Settings) -> str:
    """``__Host-`` keeps the cookie to exactly this host, where browsers allow the prefix."""
    return "__Host-trato" if settings.secure_cookies else "trato"


def session_cookie(settings: Settings, secret: str) -> Cookie:
    """The cookie that carries a session's secret; an empty secret removes it."""
    return Cookie(
        key=cookie_name(settings),
        value=secret,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="strict",
        max_age=SESSION_HOURS * 3600 if secret else 0,
    )


async def provide_session(request: AnyRequest, product: Product) -> Session:
    """The browser's session. Raises `SignedOut`, and `CrossSite` for a change that carries no token of this session."""
    session = await find_session(request, product)
    if session is None:
        raise SignedOut("Sign in first.")
    request.state.language = session.reader.language  # whatever goes wrong from here on is told in it
    if request.method not in _SAFE:
        check_origin(request, product.settings)
        await _check_csrf(request, session)
    return session


async def find_session(connection: ASGIConnection[Any, Any, Any, Any], product: Product) -> Session | None:
    """The session of a cookie that is in our table, or None."""
    secret = connection.cookies.get(cookie_name(product.settings), "")
    if not secret:
        return None
    async with product.db.transaction() as tx:
        reader = await reader_by_session(tx, secret)
    return Session(reader, secret, csrf_token(product.settings.session_key, secret)) if reader else None


def check_origin(connection: ASGIConnection[Any, Any, Any, Any], settings: Settings, *, needed: bool = False) -> None:
    """Raise `CrossSite` for another site's page. Sockets *need* an Origin; forms may come from browsers that send none."""
    origin = connection.headers.get("origin")
    if (origin is None and needed) or (origin is not None and not is_own_origin(origin, settings)):
        raise CrossSite(N_("This request came from another site."))
    if connection.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise CrossSite(N_("This request came from another site."))


def is_own_origin(origin: str, settings: Settings) -> bool:
    """Whether an Origin is ours; on the loopback, all of its names are."""
    if origin.lower() == settings.origin:
        return True
    try:
        theirs, ours = urlsplit(origin), urlsplit(settings.origin)
        return is_loopback(origin) and is_loopback(settings.origin) and (theirs.scheme, theirs.port) == (ours.scheme, ours.port)
    except ValueError:
        return False


async def _check_csrf(request: AnyRequest, session: Session) -> None:
    given = request.headers.get("x-csrf-token")
    if given is None:
        form = await request.form()
        given = str(form.get("_csrf", ""))
    if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
        raise CrossSite(N_("This form is from another session. Reload the page and try again."))


async def for_colleagues(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: only whoever has a token, or is signed in, passes. Raises `BadToken`."""
    product: Product = connection.app.state.product
    if await find_session(connection, product) is None:
        await provide_caller(connection, product)


async def provide_caller(request: ASGIConnection[Any, Any, Any, Any], product: Product) -> Reader:
    """The agent whose bearer token the request carries. Raises `BadToken`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        async with product.db.transaction() as tx:
            reader = await reader_by_token(tx, token.strip())
        if reader is not None:
            return reader
    raise BadToken("Send `Authorization: Bearer TOKEN` with a token from `trato token EMAIL`.")
