"""Content templates: what makes one well-formed, what it says once its places are filled, and the buttons it carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from simulator.errors import TwilioError
from simulator.records import Content

# The richest first: a channel shows the first type that it can.
TYPES = ("twilio/list-picker", "twilio/quick-reply", "twilio/call-to-action", "twilio/media", "twilio/text")
# These may be sent without approval to somebody who wrote within the last day.
IN_SESSION = ("twilio/list-picker", "twilio/quick-reply", "twilio/media", "twilio/text")
# More buttons than these only an approved template has.
MOST_UNREVIEWED = 3
PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
FILLED_LIMIT = 1024
# A value with any of these is refused by WhatsApp: a place is a word in a sentence, not a piece of layout.
LAYOUT = re.compile(r"[\n\t]| {5}")


def check_types(types: Mapping[str, Any]) -> None:
    """Raise `TwilioError` 20001 unless every type is one of `TYPES` and whole."""
    if not types or not set(types) <= set(TYPES):
        raise TwilioError(20001, "types")
    for kind, value in types.items():
        if not isinstance(value, dict) or not _whole(kind, value):
            raise TwilioError(20001, f"types.{kind}")


def _whole(kind: str, value: Mapping[str, Any]) -> bool:
    body = value.get("body")
    if kind == "twilio/media":
        return _texts(value.get("media"), 1, 10) and (body is None or isinstance(body, str))
    if not isinstance(body, str) or not body.strip():
        return False
    if kind == "twilio/quick-reply":
        return _items(value.get("actions"), 10, title=25) and all(
            item.get("type", "QUICK_REPLY") == "QUICK_REPLY" for item in value["actions"]
        )
    if kind == "twilio/call-to-action":
        return _items(value.get("actions"), 2, title=25) and all(_calls(item) for item in value["actions"])
    if kind == "twilio/list-picker":
        button = value.get("button")
        listed = isinstance(button, str) and 0 < len(button) <= 20 and _items(value.get("items"), 10, item=24, id=200)
        return listed and all(_described(item.get("description")) for item in value["items"])
    return True


def _described(text: object) -> bool:
    """Whether the smaller line of a list's item fits, where it has one."""
    return text is None or (isinstance(text, str) and len(text) <= 72)


def _calls(action: Mapping[str, Any]) -> bool:
    wanted = {"URL": "url", "PHONE_NUMBER": "phone"}.get(str(action.get("type")))
    return wanted is not None and isinstance(action.get(wanted), str) and bool(action[wanted])


def _items(value: object, most: int, **limits: int) -> bool:
    if not isinstance(value, list) or not 1 <= len(value) <= most or not all(isinstance(item, dict) for item in value):
        return False
    return all(isinstance(item.get(name), str) and 0 < len(item[name]) <= limit for item in value for name, limit in limits.items())


def _texts(value: object, least: int, most: int) -> bool:
    return isinstance(value, list) and least <= len(value) <= most and all(isinstance(item, str) and item for item in value)


def body_of(content: Content, channel: str = "whatsapp") -> str:
    """The words of a template as they were written, with their places."""
    return str(shown_type(content, channel)[1].get("body") or "")


def shown_type(content: Content, channel: str) -> tuple[str, dict[str, Any]]:
    """The type that a channel shows, and what it holds."""
    order = TYPES if channel == "whatsapp" else ("twilio/text", "twilio/media", *TYPES)
    return next((kind, content.types[kind]) for kind in order if kind in content.types)


def needs_no_review(content: Content) -> bool:
    """Whether it may be sent without approval to somebody who wrote within the last day."""
    kind, value = shown_type(content, "whatsapp")
    return kind in IN_SESSION and len(value.get("actions", ())) <= MOST_UNREVIEWED


def places_of(content: Content) -> list[str]:
    """The names of all places, in the order in which they first stand."""
    return list(dict.fromkeys(PLACE.findall(json.dumps(content.types, ensure_ascii=False))))


def read_variables(text: str) -> dict[str, str]:
    """``ContentVariables``: a JSON object of texts. Raises `TwilioError` 21656."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError as error:
        raise TwilioError(21656) from error
    if not isinstance(found, dict) or not all(isinstance(value, str) and value for value in found.values()):
        raise TwilioError(21656)
    return found


def fault_of(content: Content, values: Mapping[str, str], channel: str) -> int | None:
    """What is wrong with these values for this template, as the delivery error that comes of it."""
    places = set(places_of(content))
    if channel == "whatsapp" and (not places <= set(content.variables) | set(values) or not set(values) <= places):
        return 63028
    if channel == "whatsapp" and any(LAYOUT.search(value) for value in values.values()):
        return 63021
    return 63021 if channel == "whatsapp" and len(fill(body_of(content), content, values)) > FILLED_LIMIT else None


def fill(text: str, content: Content, values: Mapping[str, str]) -> str:
    """A text with its places filled: by `values`, else by the template's own samples, else left as they stand."""
    known = {**content.variables, **values}
    return PLACE.sub(lambda place: known.get(place.group(1), place.group(0)), text)


def render(content: Content, values: Mapping[str, str], channel: str) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Text, addresses of media, and detail (buttons, list) of a template as the client gets it."""
    kind, value = shown_type(content, channel)

    def filled(text: object) -> str:
        return fill(str(text or ""), content, values)

    detail: dict[str, Any] = {"content_sid": content.sid, "content_type": kind}
    if channel == "whatsapp" and "actions" in value:
        detail["buttons"] = [
            {"kind": str(item.get("type", "QUICK_REPLY")), "title": filled(item["title"]), "id": filled(item.get("id") or item["title"]),
             "target": filled(item.get("url") or item.get("phone"))}
            for item in value["actions"]
        ]  # fmt: skip
    if channel == "whatsapp" and "items" in value:
        items = [{"id": filled(one["id"]), "title": filled(one["item"]), "about": filled(one.get("description"))} for one in value["items"]]
        detail["list"] = {"button": filled(value["button"]), "items": items}
    return filled(value.get("body")), tuple(filled(url) for url in value.get("media", ())), detail
