"""How errors are answered: problem details (RFC 9457) in the API, plain words to carriers, a page or a part of one to people."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect

from base.errors import Conflict, Forbidden, InvalidField, NotFound, Raced, TooMany, TratoError, Unavailable
from base.ids import new_id
from base.log import log
from base.words import N_
from console.rendering import DEFAULT_LANGUAGE, Renderer
from console.session import BadToken, CrossSite, SignedOut
from console.views import ErrorView

PROBLEM = "application/problem+json"
# Handlers cannot call a parameter `state`: the framework keeps that name for itself.
_CALLED = {"wanted": "state"}
_STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    InvalidField: 422,
    TooMany: 429,
    Unavailable: 503,
    Raced: 503,
    BadToken: 401,
    CrossSite: 403,
    SignedOut: 401,
}
_TITLES = {
    400: N_("This request cannot be read"),
    401: N_("Sign in first"),
    403: N_("This is not yours to do"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    409: N_("Somebody was faster"),
    413: N_("This is too large"),
    415: N_("This kind of content is not read here"),
    422: N_("Something is not right yet"),
    429: N_("Too many tries"),
    500: N_("Something went wrong on our side"),
    503: N_("We will be back in a moment"),
}
_AGAIN = N_("Go back, reload the page and try again.")
_MESSAGES = {
    404: N_("It may have been moved, or it is not in your portfolios."),
    413: N_("More was sent than is taken at once. Shorten the text, or split the file."),
    500: N_("It was reported. Try again, and tell your supervisor the reference if it stays."),
    503: N_("A part of the system does not answer. Try again in a moment; nothing was lost."),
}

AnyResponse = Response[Any]


def answer_error(request: Request[Any, Any, Any], error: Exception) -> AnyResponse:
    """The answer to whatever a handler raised."""
    status = _status_of(error)
    reference = _report(request, error, status)
    if request.url.path.startswith(("/api/", "/schema")):
        return problem(status, _detail(error, status), reference=reference, errors=_field_errors(error), headers=_headers(error))
    if request.url.path.startswith("/hooks/"):
        return Response(_TITLES.get(status, "Error"), status_code=status, media_type="text/plain", headers=_headers(error))
    if isinstance(error, SignedOut):
        return _to_sign_in(request)
    return _page(request, error, status, reference)


def problem(
    status: int,
    detail: str,
    *,
    reference: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - extension members
) -> Response[bytes]:
    """An RFC 9457 problem. `errors` names fields; `more` are extension members."""
    body: dict[str, Any] = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "detail": detail}
    body |= {"errors": errors} if errors else {}
    body |= {"reference": reference} if reference else {}
    return Response(msgspec.json.encode(body | more), status_code=status, media_type=PROBLEM, headers=headers)


def _status_of(error: Exception) -> int:
    if isinstance(error, ValidationException):
        return 422 if error.extra else 400
    if isinstance(error, HTTPException):
        return error.status_code
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def _report(request: Request[Any, Any, Any], error: Exception, status: int) -> str | None:
    """Only what we did not expect is logged with its trace, under a reference that the person is shown."""
    if status < 500 or isinstance(error, Unavailable):
        return None
    reference: UUID = new_id()
    log.error("request.failed", method=request.method, route=route_of(request), reference=str(reference), exc_info=error)
    return str(reference)


def route_of(request: Request[Any, Any, Any]) -> str:
    """The route's pattern, which holds no ids of people."""
    return str(request.scope.get("path_template") or "unknown")


def _detail(error: Exception, status: int) -> str:
    if isinstance(error, InvalidField):
        return str(error)
    if isinstance(error, TratoError) and not isinstance(error, Raced):
        return str(error)
    errors = _field_errors(error)
    if errors:
        return "; ".join(f"{one['field']}: {one['problem']}" for one in errors)
    if isinstance(error, HTTPException) and status < 500 and status not in _MESSAGES:
        return str(error.detail)
    return _MESSAGES.get(status, _TITLES.get(status, "Error"))


def _field_errors(error: Exception) -> list[dict[str, str]] | None:
    if isinstance(error, InvalidField):
        return [{"field": error.field, "problem": error.plain}]
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        return [_parameter_error(str(one.get("key", "")), str(one.get("message", ""))) for one in error.extra if isinstance(one, dict)]
    return None


def _parameter_error(name: str, problem: str) -> dict[str, str]:
    """Handlers call a body `data`; one that is there was read already, so what is told of it here is that there was none."""
    return {"field": "body", "problem": "is missing"} if name in ("", "data") else {"field": _CALLED.get(name, name), "problem": problem}


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"retry-after": str(error.retry_after)}
    if isinstance(error, Unavailable | Raced):
        return {"retry-after": "1"}
    if isinstance(error, BadToken):
        return {"www-authenticate": "Bearer"}
    return dict(getattr(error, "headers", None) or {})


def _to_sign_in(request: Request[Any, Any, Any]) -> AnyResponse:
    """To the door, and from there back to the page that was asked for, or that a part of was."""
    if is_partial(request):
        shown = urlsplit(request.headers.get("hx-current-url", ""))
        return Response(b"", status_code=401, headers={"hx-redirect": _door(shown.path, shown.query)})
    asked = request.url if request.method == "GET" else None
    return Redirect(_door(asked.path, asked.query) if asked else "/sign-in", status_code=303)


def _door(path: str, query: str) -> str:
    onward = own_path(f"{path}?{query}" if query else path)
    return "/sign-in" if onward in ("", "/") else f"/sign-in?{urlencode({'next': onward})}"


def own_path(text: object) -> str:
    """A path of this site to go on to; anything that could lead elsewhere is dropped."""
    path = str(text or "")
    is_own = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
    return path if is_own else ""


def is_partial(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks for a part of a page; whoever types an address or comes Back gets the whole one."""
    return request.headers.get("hx-request-type", "").lower() == "partial"


def _page(request: Request[Any, Any, Any], error: Exception, status: int, reference: str | None) -> AnyResponse:
    renderer: Renderer = request.app.state.renderer
    language = getattr(request.state, "language", DEFAULT_LANGUAGE)
    title = renderer.translate(language, _TITLES.get(status, _TITLES[500]))
    # What the framework says of an error is for programs: people read our own sentence.
    sentence, values = error.told() if isinstance(error, TratoError) and not isinstance(error, Raced) else (_AGAIN, {})
    if _MESSAGES.get(status):
        sentence, values = _MESSAGES[status], {}
    message = renderer.translate(language, sentence, **values)
    view = ErrorView(title=title, message=message, reference=reference)
    template = "parts/error.html" if is_partial(request) else "error.html"
    # A part that fails is not swapped in: the page tells the reference in its own words, and what stands in the way in these.
    headers = _headers(error) | ({"x-reference": reference} if reference else {})
    if is_partial(request) and status in (403, 409, 413, 422):
        headers["x-problem"] = quote(message)
    return Response(
        renderer.render(template, language, error=view, shown=status == 404), status_code=status, media_type="text/html", headers=headers
    )
