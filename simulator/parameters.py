"""What a webhook for a client's words says, parameter by parameter, on either channel."""

from __future__ import annotations

import json
from typing import Any

from simulator.addresses import PHONE, country_of, on_whatsapp
from simulator.carrier import Carrier
from simulator.records import File, Message, Phone
from simulator.resource import API_VERSION

Parameters = list[tuple[str, str]]
GEOGRAPHY = ("City", "State", "Zip")
MEDIA_TYPES = {"image": "image", "audio": "audio", "video": "video"}


def inbound_parameters(carrier: Carrier, message: Message, files: list[File], phone: Phone | None) -> Parameters:
    """Everything that Twilio posts for one message of a client; `phone` is the device of a WhatsApp user."""
    sid, sender = message.sid, str(message.sender)
    parameters = [
        ("SmsMessageSid", sid), ("SmsSid", sid), ("MessageSid", sid), ("AccountSid", carrier.config.account_sid), ("From", sender),
        ("To", message.recipient), ("Body", message.body), ("NumMedia", str(len(files))), ("NumSegments", str(message.num_segments)),
        ("SmsStatus", "received"), ("ApiVersion", API_VERSION),
    ]  # fmt: skip
    for number, file in enumerate(files):
        parameters += [(f"MediaUrl{number}", file.url), (f"MediaContentType{number}", file.content_type)]
    if message.opt_out_type:
        parameters.append(("OptOutType", message.opt_out_type))
    return parameters + (_whatsapp(carrier, message, files, phone) if phone else _geography(sender, message.recipient))


def _geography(sender: str, recipient: str) -> Parameters:
    countries = [("FromCountry", country_of(sender)), ("ToCountry", country_of(recipient))]
    return countries + [(end + part, "") for end in ("From", "To") for part in GEOGRAPHY]


def _whatsapp(carrier: Carrier, message: Message, files: list[File], phone: Phone) -> Parameters:
    detail, forwarded = message.detail, "true" if message.detail.get("forwarded") else "false"
    context = {"ProfileName": phone.profile_name, "Forwarded": forwarded, "FrequentlyForwarded": "false"}
    name = str(message.sender).split(":", 1)[1]
    if PHONE.fullmatch(name):
        context["WaId"] = name[1:]
    context |= _pressed(detail)
    metadata = json.dumps({"type": "whatsapp", "data": {"context": context}}, ensure_ascii=False, separators=(",", ":"))
    parameters = [*context.items(), ("MessageType", _message_type(detail, files)), ("ReferralNumMedia", "0"), ("ChannelMetadata", metadata)]
    if phone.user_id:
        parameters.append(("ExternalUserId", on_whatsapp(phone.user_id)))
    if "place" in detail:
        place = {part.capitalize(): str(value) for part, value in detail["place"].items() if value != ""}
        parameters += place.items()
    quoted = carrier.store.find(detail.get("reply_to", ""))
    if "reply_to" in detail:
        ours = on_whatsapp(carrier.config.whatsapp_sender)
        parameters.append(("OriginalRepliedMessageSid", detail["reply_to"]))
        parameters.append(("OriginalRepliedMessageSender", str(quoted.sender) if quoted and quoted.sender else ours))
    return parameters


def _pressed(detail: dict[str, Any]) -> dict[str, str]:
    if "button" in detail:
        return {"ButtonText": detail["button"]["text"], "ButtonPayload": detail["button"]["payload"]}
    return {"ListId": detail["list"]["id"], "ListTitle": detail["list"]["title"]} if "list" in detail else {}


def _message_type(detail: dict[str, Any], files: list[File]) -> str:
    if "button" in detail:
        return "button"
    if "list" in detail:
        return "interactive"
    if "place" in detail:
        return "location"
    return MEDIA_TYPES.get(files[0].content_type.split("/")[0], "document") if files else "text"
