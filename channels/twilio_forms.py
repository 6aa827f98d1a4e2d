"""Reads Twilio's webhooks: fields that can be trusted and stored, whatever was sent; nothing that came is lost."""

from __future__ import annotations

import re

from channels.contract import Channel, Media, Place, Press, Unparseable, WebhookRequest
from channels.forms import read_form
from channels.twilio_words import address_of, count_of, is_message_id

MAX_ADDRESS = 254
MEDIA_URL = re.compile(r"MediaUrl(0|[1-9]\d{0,2})")
DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?")
HELD = {"MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "From", "To", "Body", "NumMedia", "ProfileName"}
# What was pressed, under the names of a button and of a line in a list: its words, and the id that we gave it.
PRESSES = (("ButtonText", "ButtonPayload"), ("ListTitle", "ListId"))
NUL_REMOVED = "NUL characters were removed."
BAD_ENCODING = "Characters that are not UTF-8 were replaced."
MEDIA_MISSING = "The carrier announced another number of attachments than it named."


class TwilioForm:
    """The fields of one webhook as text that can be stored; `notes` collects what had to be repaired."""

    def __init__(self, request: WebhookRequest, account: str) -> None:
        self.notes: list[str] = []
        self._held = set(HELD)
        self._values: dict[str, list[str]] = {}
        for name, value in read_form(request.body):
            self._values.setdefault(self._decoded(name), []).append(self._decoded(value))
        if not self._values:
            raise Unparseable("The request has no fields.")
        if self.needed("AccountSid") != account:
            raise Unparseable("AccountSid is not our carrier account.")

    def text(self, name: str) -> str:
        """One field, or nothing. Raises `Unparseable` when it comes with several values: none of them is to be trusted."""
        values = list(dict.fromkeys(self._values.get(name, [])))
        if len(values) > 1:
            raise Unparseable(f"{name} has {len(values)} different values.")
        return values[0] if values else ""

    def needed(self, name: str) -> str:
        """One field that every such webhook has."""
        value = self.text(name)
        if not value:
            raise Unparseable(f"The request has no {name}.")
        return value

    def message_id(self) -> str:
        """The carrier's name for the message."""
        value = self.needed("MessageSid")
        if not is_message_id(value):
            raise Unparseable("MessageSid is not a message id.")
        return value

    def address(self, name: str) -> tuple[Channel, str]:
        """Channel and external id in From or To."""
        value = self.needed(name)
        try:
            channel, external = address_of(value)
        except ValueError as error:
            raise Unparseable(f"{name} is of an {error}.") from error
        if not external.strip() or len(external) > MAX_ADDRESS:
            raise Unparseable(f"{name} is empty or longer than {MAX_ADDRESS} characters.")
        return channel, external

    def media(self) -> tuple[Media, ...]:
        """The attachments that were named, by their number; a wrong total is noted and loses nothing."""
        numbers = sorted(int(found[1]) for name in self._values if (found := MEDIA_URL.fullmatch(name)))
        self._held |= {f"{field}{number}" for number in numbers for field in ("MediaUrl", "MediaContentType")}
        media = tuple(Media(self.text(f"MediaUrl{number}"), self.text(f"MediaContentType{number}")) for number in numbers)
        if len(media) != count_of(self.text("NumMedia")):
            self.notes.append(MEDIA_MISSING)
        return media

    def replies_to(self) -> str | None:
        """The carrier's id of the message that is quoted."""
        value = self.text("OriginalRepliedMessageSid")
        if not is_message_id(value):
            return None
        self._held.add("OriginalRepliedMessageSid")
        return value

    def press(self) -> Press | None:
        """What the client pressed instead of writing: a button, or a line of a list."""
        for title, key in PRESSES:
            press = Press(self.text(title), self.text(key), listed=title == "ListTitle")
            if press.title or press.id:
                self._held |= {title, key}
                return press
        return None

    def place(self) -> Place | None:
        """The place that the client shared; degrees that are none stay among the other fields."""
        latitude, longitude = _degrees(self.text("Latitude"), 90), _degrees(self.text("Longitude"), 180)
        if latitude is None or longitude is None:
            return None
        self._held |= {"Latitude", "Longitude", "Label", "Address"}
        words = dict.fromkeys(filter(None, (self.text("Label").strip(), self.text("Address").strip())))
        return Place(latitude, longitude, ", ".join(words))

    def also_known_as(self, channel: Channel, sender: str) -> str | None:
        """Another id of the sender on the same channel, by the carrier's word; nothing where it is the one that they wrote from."""
        try:
            kind, external = address_of(self.text("ExternalUserId"))
        except ValueError:
            return None
        if kind is not channel or not external.strip() or len(external) > MAX_ADDRESS:
            return None
        self._held.add("ExternalUserId")
        return None if external == sender else external

    def forwarded(self) -> bool:
        """Whether somebody else wrote it first."""
        told = [self.text(name).lower() == "true" for name in ("Forwarded", "FrequentlyForwarded")]
        return any(told)

    def rest(self) -> dict[str, str]:
        """The fields that no attribute holds; several values of one are kept as lines."""
        return {name: "\n".join(values) for name, values in self._values.items() if name not in self._held}

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode(errors="replace")
            self._note(BAD_ENCODING)
        if "\0" in text:
            text = text.replace("\0", "")
            self._note(NUL_REMOVED)
        return text

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _degrees(text: str, most: int) -> float | None:
    """An angle between minus and plus `most`, or None where there is none."""
    angle = float(text) if text.isascii() and DEGREES.fullmatch(text.strip()) else None
    return angle if angle is not None and abs(angle) <= most else None
