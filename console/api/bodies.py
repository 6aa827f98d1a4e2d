"""JSON bodies: read strictly into the shape that the handler declares, so that a wrong field is named and nothing is guessed into place."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from base.errors import InvalidField
from base.signs import TURNED, turns, unhidden

_DEEPEST = 32
_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*?)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"unknown field `(.+)`")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON comes as the shape of its handler's ``data``."""

    async def json(self) -> Any:  # noqa: ANN401 - the handler's own shape
        """The body. Raises an HTTP error for what is no JSON, and `InvalidField` for JSON that is not this shape."""
        _check_media_type(self.content_type[0])
        field = self.route_handler.parsed_data_field
        return read_body(await self.body(), Any if field is None else field.annotation)


def read_body(body: bytes, shape: Any) -> Any:  # noqa: ANN401 - a type, and a value of it
    """JSON as `shape`. Raises HTTP 400 for broken JSON and `InvalidField` with the path of the first field that is wrong."""
    try:
        read = msgspec.json.decode(body, type=shape)
        _check_texts(msgspec.to_builtins(read), "", _DEEPEST)
        read = _as_seen(read, "")
    except msgspec.ValidationError as error:
        raise _invalid_field(str(error)) from error
    except RecursionError as error:
        raise InvalidField("body", "is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(status_code=400, detail=f"The body is not JSON in UTF-8: {error}") from error
    return read


def _check_media_type(media_type: str) -> None:
    if media_type and media_type != "application/json" and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise HTTPException(status_code=415, detail="Send the body as application/json.")


def _invalid_field(problem: str) -> InvalidField:
    """An unknown field is named by its own path, not by the object that holds it."""
    found = _PLACE.match(problem)
    said, path = (found["problem"], found["path"] or "") if found else (problem, "")
    unknown = _UNKNOWN.search(said)
    if unknown is None:
        return InvalidField(path or "body", said)
    return InvalidField(f"{path}.{unknown[1]}" if path else unknown[1], "is not a field that is known here")


def _check_texts(value: object, path: str, left: int) -> None:
    """No text holds what neither a database nor a screen can (lines and tabs are text), nor turns the order in which people read."""
    if isinstance(value, str) and _CONTROL.search(value):
        raise InvalidField(path or "body", "must be text without control characters")
    if isinstance(value, str) and turns(value):
        raise InvalidField(path or "body", TURNED)
    if isinstance(value, dict | list) and not left:
        raise InvalidField(path or "body", "is nested too deeply")
    if isinstance(value, dict):
        for name, part in value.items():
            _check_texts(name, path, left)
            _check_texts(part, f"{path}.{name}" if path else str(name), left - 1)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            _check_texts(part, f"{path}[{number}]", left - 1)


def _as_seen(value: Any, path: str) -> Any:  # noqa: ANN401 - a value of a shape, and the same value
    """Every text of a body without signs that hide: equal words are equal, wherever they are put. Raises `InvalidField` where nothing is left."""
    if isinstance(value, str):
        seen = unhidden(value)
        if value and not seen:
            raise InvalidField(path or "body", "must be text that can be seen")
        return seen
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            setattr(value, name, _as_seen(getattr(value, name), f"{path}.{name}" if path else name))
    if isinstance(value, dict):
        return {_as_seen(name, path): _as_seen(part, f"{path}.{name}" if path else str(name)) for name, part in value.items()}
    if isinstance(value, list):
        return [_as_seen(part, f"{path}[{number}]") for number, part in enumerate(value)]
    return value
