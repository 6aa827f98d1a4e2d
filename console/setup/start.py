"""The very first visit: whoever has the printed code names the organisation and becomes its admin. Afterwards this door is a wall."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from base.errors import InvalidField, NotFound, TooMany
from base.words import N_
from console.first_code import forget_code
from console.pages import html
from console.rendering import Renderer, known_language
from console.session import check_origin, session_cookie
from console.setup.choices import zones
from console.setup.office import AnyRequest, read_form
from console.signing_in import browser_language, place_of
from console.views.setup import Choice, Form
from inbox.product import Product
from staff.founding import claim_installation, code_fits, is_unclaimed
from staff.people import LANGUAGES, check_zone
from staff.sessions import open_session, slow_down

_FIELDS = ("code", "organisation", "name", "email", "language", "zone")
_TRIES = 10
_WRONG_CODE = N_("This is not the code of this installation. It stands where Trato was started, and in its data folder.")


@get("/start", opt={"door": "open"}, include_in_schema=False)
async def start_page(request: AnyRequest, product: Product, renderer: Renderer) -> Response[Any]:
    """The form, while nobody works here."""
    await _refuse_claimed(product)
    language = browser_language(request)
    code = (request.query_params.get("code") or "")[:40]
    return _show(renderer, language, Form({"code": code, "language": language, "zone": "America/Bogota"}))


@post("/start", status_code=200, opt={"door": "open"}, include_in_schema=False)
async def start_form(request: AnyRequest, product: Product, renderer: Renderer) -> Response[Any]:
    """Claim the installation; the first who has the code does, and is signed in."""
    check_origin(request, product.settings)
    await _refuse_claimed(product)
    form, password = await read_form(request, _FIELDS), str((await request.form()).get("password", ""))[:1000]
    language = form.value("language") if form.value("language") in LANGUAGES else browser_language(request)
    try:
        secret = await _claim(request, product, form, password)
    except InvalidField as wrong:
        problem = renderer.translate(language, wrong.problem)
        return _show(renderer, language, Form(form.values, {}, {wrong.field: problem}), 422)
    except TooMany as error:
        problem = renderer.translate(language, N_("Too many tries. Wait some minutes and try again."))
        answer = _show(renderer, language, Form(form.values, {}, {"code": problem}), 429)
        answer.headers["retry-after"] = str(error.retry_after)
        return answer
    forget_code(product.settings)
    return Redirect("/setup?done=welcome", status_code=303, cookies=[session_cookie(product.settings, secret)])


async def _claim(request: AnyRequest, product: Product, form: Form, password: str) -> str:
    """The new admin's session. Tries are counted before the code is looked at."""
    await slow_down(product.db, f"start:{place_of(request)}", _TRIES)
    if not code_fits(product.settings.session_key, product.db.org, form.value("code")):
        raise InvalidField("code", _WRONG_CODE)
    async with product.work() as tx:
        agent = await claim_installation(
            tx,
            organisation=form.value("organisation"),
            name=form.value("name"),
            email=form.value("email"),
            password=password,
            language=known_language(form.value("language")),
            zone=check_zone(form.value("zone")),
        )
        return await open_session(tx, agent)


async def _refuse_claimed(product: Product) -> None:
    async with product.db.transaction() as tx:
        if not await is_unclaimed(tx):
            raise NotFound


def _show(renderer: Renderer, language: str, form: Form, status: int = 200) -> Response[str]:
    names = {"es": "Español", "pt": "Português", "en": "English"}  # in its own words: whoever reads only that one must find it
    languages = [Choice(code, names[code]) for code in LANGUAGES]
    return html(renderer.render("setup/start.html", language, form=form, languages=languages, zones=zones()), status)
