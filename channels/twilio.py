"""Twilio's messages, one call at a time: no call is ever repeated here, and every failure says whether it may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from channels.contract import Accepted, TryAgain, Unconfirmed
from channels.twilio_http import NEVER_OPENED, UNCLEAR, Answer, Form, TwilioWire, failure_of
from channels.twilio_words import count_of, is_message_id

PAGE_SIZE = 500
MAX_PAGES = 1000


class TwilioMessages:
    """The messages of one carrier account."""

    def __init__(self, wire: TwilioWire) -> None:
        self._wire = wire
        self._messages = f"/2010-04-01/Accounts/{wire.account}/Messages.json"

    async def create(self, form: Form) -> Accepted:
        """Hand over one message, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        try:
            answer = await self._wire.post(self._messages, form)
        except NEVER_OPENED as error:
            raise TryAgain(f"The carrier could not be reached: {error}") from error
        except UNCLEAR as error:
            raise Unconfirmed(f"No clear answer came from the carrier: {type(error).__name__} {error}") from error
        return _accepted(answer)

    async def pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The carrier's message list, page by page, newest first. Raises `TryAgain` or `Refused`.

        No filter on the date of sending: a message that the carrier holds in its queue has none yet, and it is exactly what
        a reconciler looks for.
        """
        target: str | None = f"{self._messages}?PageSize={PAGE_SIZE}"
        seen: set[str] = set()
        while target is not None:
            if target in seen or not target.startswith(self._messages) or len(seen) >= MAX_PAGES:
                raise TryAgain("The carrier's message list does not end.")
            seen.add(target)
            page = await self._page(target)
            yield [row for row in page["messages"] if isinstance(row, dict)]
            target = page.get("next_page_uri") or None

    async def media(self, message: str) -> list[dict[str, Any]]:
        """The attachments of one message. Raises `TryAgain` or `Refused`."""
        page = await self._page(f"{self._messages.removesuffix('.json')}/{message}/Media.json?PageSize={PAGE_SIZE}", "media_list")
        return [row for row in page["media_list"] if isinstance(row, dict)]

    async def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        await self._wire.close()

    async def _page(self, target: str, part: str = "messages") -> dict[str, Any]:
        try:
            answer = await self._wire.get(target)
        except UNCLEAR as error:
            raise TryAgain(f"The carrier's message list could not be read: {type(error).__name__} {error}") from error
        page = answer.fields()
        if answer.status != 200:
            raise failure_of(answer, or_else=TryAgain(f"The carrier's message list answered with status {answer.status}."))
        if not isinstance(page.get(part), list) or not isinstance(page.get("next_page_uri"), str | None):
            raise TryAgain("The carrier's message list cannot be read.")
        return page


def _accepted(answer: Answer) -> Accepted:
    if not answer.good:
        raise failure_of(answer, or_else=Unconfirmed(f"The carrier answered with status {answer.status}."))
    fields = answer.fields()
    sid = fields.get("sid")
    if not isinstance(sid, str) or not is_message_id(sid):
        raise Unconfirmed("The carrier's answer has no message id.")
    return Accepted(sid, count_of(fields.get("num_segments")) or None)
