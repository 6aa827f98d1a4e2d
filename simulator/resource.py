"""How the carrier shows its messages in REST answers: Twilio's Message resource and its pages."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from simulator.errors import WORDS
from simulator.records import File, Message

API_VERSION = "2010-04-01"


def show_message(account: str, message: Message) -> dict[str, Any]:
    """The complete Message resource. Numbers are strings, dates RFC 2822, prices unknown."""
    base = f"{_folder(account)}/{message.sid}"
    return {
        "account_sid": account,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "date_updated": rfc2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": error_words(message.error_code),
        "from": message.sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        # A Messaging Service chooses the sender later, so the number of segments is not known yet.
        "num_segments": "0" if message.status in ("accepted", "scheduled") else str(message.num_segments),
        "price": None,
        "price_unit": None,
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{base}/Media.json"},
        "to": message.recipient,
        "uri": f"{base}.json",
    }


def show_page(account: str, messages: list[Message], *, query: dict[str, str], page: int, size: int, more: bool) -> dict[str, Any]:
    """One page of the listing. Links keep the filters and carry a token of the row they continue from."""
    start = page * size
    kept = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}

    def link(number: int, token: str = "") -> str:
        asked = {**kept, "PageSize": str(size), "Page": str(number)} | ({"PageToken": token} if token else {})
        return f"{_folder(account)}.json?{urlencode(asked)}"

    return {
        "first_page_uri": link(0),
        "next_page_uri": link(page + 1, f"PA{messages[-1].sid}") if more else None,
        "previous_page_uri": link(page - 1, f"PB{messages[0].sid}") if page and messages else None,
        "uri": link(page, query.get("PageToken", "")),
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(len(messages) - 1, 0),
        "messages": [show_message(account, message) for message in messages],
    }


def show_media_page(account: str, message: Message, files: list[File]) -> dict[str, Any]:
    """The media list of one message, in one page."""
    here = f"{_folder(account)}/{message.sid}/Media.json?PageSize=50&Page=0"
    return {
        "first_page_uri": here, "next_page_uri": None, "previous_page_uri": None, "uri": here, "page": 0, "page_size": 50, "start": 0,
        "end": max(len(files) - 1, 0), "media_list": [show_media(account, message, file) for file in files],
    }  # fmt: skip


def show_media(account: str, message: Message, file: File) -> dict[str, Any]:
    """One medium, without its bytes."""
    dates = {"date_created": rfc2822(message.created_at), "date_updated": rfc2822(message.created_at)}
    return {
        "account_sid": account, "content_type": file.content_type, **dates, "parent_sid": message.sid, "sid": file.sid,
        "uri": f"{_folder(account)}/{message.sid}/Media/{file.sid}.json",
    }  # fmt: skip


def error_words(code: int | None) -> str | None:
    """The carrier's words for a delivery error."""
    return None if code is None else WORDS.get(code, "Unknown error")


def rfc2822(at: float | None) -> str | None:
    """Seconds since 1970 as Twilio writes them, e.g. ``Thu, 24 Aug 2023 05:01:45 +0000``."""
    return None if at is None else format_datetime(datetime.fromtimestamp(int(at), UTC))


def _folder(account: str) -> str:
    return f"/{API_VERSION}/Accounts/{account}/Messages"
