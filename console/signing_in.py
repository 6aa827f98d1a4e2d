"""The pages of the door: signing in and out."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from base.errors import TooMany
from base.settings import Settings
from base.words import N_
from console.answers import own_path
from console.catalogs import LANGUAGES
from console.pages import html
from console.rendering import DEFAULT_LANGUAGE, Renderer, known_language
from console.session import Session, check_origin, cookie_name, find_session, session_cookie
from console.views import SignInView
from inbox.product import Product
from staff.founding import is_unclaimed
from staff.sessions import WrongCredentials, sign_in, sign_out

AnyRequest = Request[Any, Any, Any]
LANGUAGE_COOKIE = "trato-language"
_WRONG = N_("The email or the password is not right.")
_TOO_MANY = N_("Too many tries. Wait some minutes and try again.")


@get("/sign-in", opt={"door": "open"}, include_in_schema=False)
async def sign_in_page(request: AnyRequest, product: Product, renderer: Renderer) -> Response[Any]:
    """The door; whoever is signed in already is sent on."""
    onward = own_path(request.query_params.get("next"))
    # Whoever's session ends soon signs in again while it still lasts.
    if "again" not in request.query_params and await find_session(request, product) is not None:
        return Redirect(onward or "/", status_code=303)
    async with product.db.transaction() as tx:
        if await is_unclaimed(tx):
            return Redirect("/start", status_code=303)
    answer = html(renderer.render("sign_in.html", browser_language(request), sign_in=SignInView(next=onward)))
    if chosen := _asked_language(request):
        answer.set_cookie(_language_cookie(product.settings, chosen))
    return answer


@post("/sign-in", status_code=200, opt={"door": "open"}, include_in_schema=False)
async def sign_in_form(request: AnyRequest, product: Product, renderer: Renderer) -> Response[Any]:
    """Email and password; a new session at every success."""
    check_origin(request, product.settings)
    form = await request.form()
    email, onward = _printable(form.get("email"))[:200], own_path(form.get("next"))
    try:
        old = request.cookies.get(cookie_name(product.settings))
        secret = await sign_in(product.db, email, str(form.get("password", ""))[:1000], place_of(request), old)
    except WrongCredentials:
        return _again(request, renderer, email, onward, _WRONG, 422)
    except TooMany:
        return _again(request, renderer, email, onward, _TOO_MANY, 429)
    return Redirect(onward or "/", status_code=303, cookies=[session_cookie(product.settings, secret)])


@post("/sign-out", status_code=303, include_in_schema=False)
async def sign_out_form(product: Product, session: Session) -> Redirect:
    """End this session."""
    async with product.work() as tx:
        await sign_out(tx, session.secret, session.reader.agent_id)
    return Redirect("/sign-in", status_code=303, cookies=[session_cookie(product.settings, "")])


def _again(request: AnyRequest, renderer: Renderer, email: str, onward: str, problem: str, status: int) -> Response[str]:
    language = browser_language(request)
    view = SignInView(problem=renderer.translate(language, problem), email=email, next=onward)
    return html(renderer.render("sign_in.html", language, sign_in=view), status)


def browser_language(request: AnyRequest) -> str:
    """The language that was chosen at this door, or the browser's first one that we speak; Spanish otherwise."""
    chosen = _asked_language(request) or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    first = request.headers.get("accept-language", DEFAULT_LANGUAGE).split(",")[0]
    return known_language(first)


def _asked_language(request: AnyRequest) -> str | None:
    """A language that the address names."""
    asked = request.query_params.get("language")
    return asked if asked in LANGUAGES else None


def _language_cookie(settings: Settings, language: str) -> Cookie:
    """Remembers the door's language for a year; it says nothing of who somebody is."""
    return Cookie(
        key=LANGUAGE_COOKIE, value=language, path="/", httponly=True, secure=settings.secure_cookies, samesite="lax", max_age=365 * 86400
    )


def place_of(request: AnyRequest) -> str:
    """Where a browser is, as far as the connection tells: what tries are counted by."""
    return request.client.host if request.client else "unknown"


def _printable(text: object) -> str:
    """What a person can type into a line; no email has anything else."""
    return "".join(character for character in str(text or "") if character.isprintable())
