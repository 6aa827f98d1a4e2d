"""What WhatsApp lets through: whose words may be free, and when only an approved template goes."""

from __future__ import annotations

from typing import Any

from simulator.config import Config
from simulator.records import Message
from simulator.store import Store
from simulator.templates import needs_no_review

# Free words may follow a client's last word this long (seconds).
WINDOW = 24 * 3600.0
INSTALLED = "XE" + "5c" * 16


def window_ends(store: Store, config: Config, owner: str) -> float | None:
    """Until when free words may go to an owner, by their last word to our WhatsApp sender; None when they never wrote."""
    last = store.last_word(store.phones.on_whatsapp(owner), f"whatsapp:{config.whatsapp_sender}")
    return None if last is None else last + WINDOW


def refusal_of(store: Store, config: Config, message: Message) -> int | None:
    """The delivery error that awaits a message for what it is: 63016 outside the window, unless its template is approved."""
    if message.channel != "whatsapp":
        return None
    content = store.contents.find(str(message.detail.get("content_sid", "")))
    if content is not None and content.status == "approved":
        return None
    ends = window_ends(store, config, store.phones.owner_of(message.recipient))
    inside = ends is not None and message.created_at < ends
    free = content is None or needs_no_review(content)
    return None if inside and free else 63016


def receipt_parameters(message: Message) -> list[tuple[str, str]]:
    """What a receipt on WhatsApp says beyond that of a text message."""
    parameters = [
        ("ChannelPrefix", "whatsapp"), ("ChannelInstallSid", INSTALLED), ("ChannelToAddress", message.recipient.split(":", 1)[1]),
        ("StructuredMessage", "true" if message.detail.get("content_sid") else "false"),
    ]  # fmt: skip
    event = {"delivered": "DELIVERED", "read": "READ", "undelivered": "UNDELIVERED", "failed": "UNDELIVERED"}.get(message.status)
    return parameters + ([("EventType", event)] if event else [])


def press_of(message: Message, number: int) -> dict[str, Any] | None:
    """The button (or the line of the list) that stands at this place in a message of ours, as a client presses it."""
    replies = [item for item in message.detail.get("buttons", ()) if item["kind"] == "QUICK_REPLY"]
    if number < len(replies):
        return {"button": {"text": replies[number]["title"], "payload": replies[number]["id"]}}
    items = message.detail.get("list", {}).get("items", [])
    return {"list": {"id": items[number]["id"], "title": items[number]["title"]}} if number < len(items) else None
