"""Twilio's register of templates: one is made, handed to WhatsApp's reviewers where it needs them, and read back with what they said."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from base.words import N_
from channels.contract import CarrierError, Refused, SendFailed, TryAgain, Unconfirmed
from channels.templates import APPROVALS, Registered, Registration
from channels.twilio_http import NEVER_OPENED, UNCLEAR, Answer, TwilioWire, failure_of
from channels.twilio_words import is_message_id

CONTENTS = "/v1/Content"
LISTED = "/v1/ContentAndApprovals"
PAGE_SIZE = 500
MAX_PAGES = 100
MOST_REPLIES = 3
MOST_LINES = 10
NUMBERED = re.compile(r"\{\{(\d{1,3})\}\}")
TOO_MANY_BUTTONS = CarrierError("buttons", N_("A template has 3 buttons at most."))
TOO_MANY_LINES = CarrierError("list", N_("A list has 10 items at most, or buttons instead of it."))
LIST_REVIEWED = CarrierError("list-review", N_("WhatsApp approves no lists: they are sent without approval, within the window."))
BUTTONS_WITH_FILE = CarrierError("buttons-media", N_("A template has either buttons or a file."))


class TwilioContent:
    """The templates of one carrier account."""

    def __init__(self, wire: TwilioWire) -> None:
        self._wire = wire

    async def register(self, registration: Registration) -> str:
        """Make a template and ask for its review, where it needs one. Raises `TryAgain`, `Refused` or `Unconfirmed`; none of them leaves a
        template half made."""
        made = await self._post(CONTENTS, as_content(registration))
        name = made.get("sid")
        if not isinstance(name, str) or not is_message_id(name):
            raise Unconfirmed("The carrier's answer has no template id.")
        if registration.reviewed:
            await self._hand_to_reviewers(name, registration)
        return name

    async def _hand_to_reviewers(self, name: str, registration: Registration) -> None:
        review = {"name": registration.name, "category": registration.category.upper()}
        try:
            await self._post(f"{CONTENTS}/{name}/ApprovalRequests/whatsapp", review)
        except SendFailed:
            await self._unmake(name)
            raise

    async def registered(self) -> AsyncIterator[Registered]:
        """Every template of the account, page by page. Raises `TryAgain` or `Refused`."""
        target: str | None = f"{LISTED}?PageSize={PAGE_SIZE}"
        seen: set[str] = set()
        while target is not None:
            if target in seen or not target.startswith(LISTED) or len(seen) >= MAX_PAGES:
                raise TryAgain("The carrier's list of templates does not end.")
            seen.add(target)
            page = await self._page(target)
            for row in page["contents"]:
                if (one := registered_of(row)) is not None:
                    yield one
            target = _path_of(page["meta"].get("next_page_url"))

    async def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        await self._wire.close()

    async def _post(self, target: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = await self._wire.post_json(target, body)
        except NEVER_OPENED as error:
            raise TryAgain(f"The carrier could not be reached: {error}") from error
        except UNCLEAR as error:
            raise Unconfirmed(f"No clear answer came from the carrier: {type(error).__name__} {error}") from error
        if not answer.good:
            raise failure_of(answer, or_else=Unconfirmed(f"The carrier answered with status {answer.status}."))
        return answer.fields()

    async def _unmake(self, name: str) -> None:
        """Take back what nobody will review; where that fails too, an unsubmitted template stays, which nothing can be sent with."""
        try:
            await self._wire.delete(f"{CONTENTS}/{name}")
        except UNCLEAR:
            return

    async def _page(self, target: str) -> dict[str, Any]:
        try:
            answer = await self._wire.get(target)
        except UNCLEAR as error:
            raise TryAgain(f"The carrier's list of templates could not be read: {type(error).__name__} {error}") from error
        return _page_of(answer)


def as_content(registration: Registration) -> dict[str, Any]:
    """A template in the carrier's own words. Raises `Refused` for what it could not hold."""
    return {
        "friendly_name": registration.name,
        "language": registration.language,
        "variables": dict(registration.samples),
        "types": _types(registration),
    }


def _types(registration: Registration) -> dict[str, Any]:
    body, buttons = registration.body, registration.buttons
    if registration.media_url:
        if buttons or registration.lines:
            raise Refused(BUTTONS_WITH_FILE)
        return {"twilio/media": {"body": body, "media": [registration.media_url]}}
    if registration.lines:
        return {"twilio/list-picker": _list(registration)}
    if not buttons:
        return {"twilio/text": {"body": body}}
    if len(buttons) > MOST_REPLIES:
        raise Refused(TOO_MANY_BUTTONS)
    actions = [{"type": "QUICK_REPLY", "id": key, "title": title} for key, title in buttons]
    return {"twilio/quick-reply": {"body": body, "actions": actions}}


def _list(registration: Registration) -> dict[str, Any]:
    if registration.reviewed:
        raise Refused(LIST_REVIEWED)
    if len(registration.lines) > MOST_LINES or registration.buttons:
        raise Refused(TOO_MANY_LINES)
    items = [
        {"id": line.id, "item": line.title} | ({"description": line.description} if line.description else {}) for line in registration.lines
    ]
    return {"body": registration.body, "button": registration.menu, "items": items}


def registered_of(row: object) -> Registered | None:
    """One row of the carrier's list; None for what is no template of words. An approval that we do not know counts as pending."""
    if not isinstance(row, dict) or not isinstance(row.get("sid"), str) or not is_message_id(row["sid"]):
        return None
    body = _body(row.get("types"))
    if body is None:
        return None
    review = row.get("approval_requests")
    said: dict[str, Any] = review if isinstance(review, dict) else {}
    status = _word(said.get("status")).lower()
    return Registered(
        content_id=row["sid"],
        name=_word(said.get("name")) or _word(row.get("friendly_name")),
        language=_word(row.get("language")),
        body=body,
        places=tuple(sorted(dict.fromkeys(NUMBERED.findall(body)), key=int)),
        approval=status if status in APPROVALS else "pending" if status else "unsubmitted",
        category=_word(said.get("category")).upper() or None,
        reason=_word(said.get("rejection_reason")) or None,
        titles=_titles(row.get("types")),
    )


def _body(types: object) -> str | None:
    """The words of the first of a template's forms that has some."""
    forms = types.values() if isinstance(types, dict) else ()
    bodies = (form.get("body") for form in forms if isinstance(form, dict))
    return next((_word(body) for body in bodies if isinstance(body, str) and body), None)


def _titles(types: object) -> tuple[str, ...]:
    """The words on the buttons or the lines of the first of a template's forms that has some; what is no row of them counts as no words."""
    forms = types.values() if isinstance(types, dict) else ()
    rows = (form.get("items") or form.get("actions") for form in forms if isinstance(form, dict))
    found = next((row for row in rows if isinstance(row, list) and row), [])
    return tuple(_word(one.get("item") or one.get("title")) for one in found if isinstance(one, dict))


def _page_of(answer: Answer) -> dict[str, Any]:
    if answer.status != 200:
        raise failure_of(answer, or_else=TryAgain(f"The carrier's list of templates answered with status {answer.status}."))
    page = answer.fields()
    if not isinstance(page.get("contents"), list) or not isinstance(page.get("meta"), dict):
        raise TryAgain("The carrier's list of templates cannot be read.")
    if not isinstance(page["meta"].get("next_page_url"), str | None):
        raise TryAgain("The carrier's list of templates cannot be read.")
    return page


def _path_of(url: str | None) -> str | None:
    """The next page without its host: the carrier names its public one, and only the one of our settings is called."""
    if not url:
        return None
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _word(value: object) -> str:
    """Text that PostgreSQL can store."""
    return value.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(value, str) else ""
