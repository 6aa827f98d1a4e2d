"""The other end of an invitation: somebody new chooses a password, and is signed in."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from base.errors import InvalidField, NotFound
from base.words import N_
from console.pages import html
from console.rendering import Renderer
from console.session import check_origin, cookie_name, session_cookie
from console.setup.office import AnyRequest
from console.signing_in import browser_language
from console.views import ErrorView
from inbox.product import Product
from staff.founding import organisation_name
from staff.invitations import accept, invited
from staff.passwords import check_password, hash_password
from staff.sessions import open_session

_TITLE = N_("This link no longer works")
_ENDED = N_("It works once, and for 72 hours. Ask who invited you for another one. If you have used it already, sign in.")


@get("/welcome/{token:str}", opt={"door": "open"}, include_in_schema=False)
async def welcome_page(request: AnyRequest, product: Product, renderer: Renderer, token: str) -> Response[Any]:
    """Whom the link is for, and the password to be chosen."""
    try:
        return await _show(product, renderer, token)
    except NotFound:
        return _ended(request, renderer)


@post("/welcome/{token:str}", status_code=200, opt={"door": "open"}, include_in_schema=False)
async def welcome_form(request: AnyRequest, product: Product, renderer: Renderer, token: str) -> Response[Any]:
    """Choose the password; the link is used up."""
    check_origin(request, product.settings)
    password = str((await request.form()).get("password", ""))[:1000]
    try:
        async with product.db.transaction() as tx:
            row = await invited(tx, token)
        try:
            check_password(password, row.name, row.email)
        except InvalidField as wrong:
            return await _show(product, renderer, token, wrong.problem, 422)
        hashed = await asyncio.to_thread(hash_password, password)
        async with product.work() as tx:
            agent = await accept(tx, token, hashed)
            secret = await open_session(tx, agent, request.cookies.get(cookie_name(product.settings)))
    except NotFound:
        return _ended(request, renderer)
    return Redirect("/", status_code=303, cookies=[session_cookie(product.settings, secret)])


async def _show(product: Product, renderer: Renderer, token: str, problem: str = "", status: int = 200) -> Response[Any]:
    """Raises `NotFound` for a link that does not work."""
    async with product.db.transaction() as tx:
        row = await invited(tx, token)
        organisation = await organisation_name(tx)
    told = renderer.translate(row.language, problem)
    page = renderer.render(
        "setup/welcome.html", row.language, token=token, name=row.name, email=row.email, organisation=organisation, problem=told
    )
    return html(page, status)


def _ended(request: AnyRequest, renderer: Renderer) -> Response[Any]:
    language = browser_language(request)
    view = ErrorView(renderer.translate(language, _TITLE), renderer.translate(language, _ENDED))
    return html(renderer.render("error.html", language, error=view), 404)
