"""What a carrier brings to the one conformance suite. An adapter is conformant when its kit passes `test_conformance.py`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

from base.settings import Settings
from channels.contract import (
    Adapter,
    AddressEffect,
    Channel,
    Inbound,
    Listed,
    OptWord,
    Outbound,
    Place,
    Press,
    ReceiptState,
    Timeouts,
    WebhookRequest,
)
from channels.sms import create_sms_adapter
from channels.whatsapp import create_whatsapp_adapter
from tests.channels.far_end import Heard, Say

# Longer than any loaded machine's loopback; and short enough for a test that waits for it.
TIMEOUTS = Timeouts(connect=30, total=60)
IMPATIENT = Timeouts(connect=0.4, total=0.8)
PUBLIC_URL = "https://trato.example"
SINCE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class CarrierKit(Protocol):
    """One carrier's dialect for the suite: requests as it signs them, answers as it gives them, and what each must mean."""

    name: str
    channel: Channel
    signature_header: str
    most_files: int

    def adapter(self, far_end_url: str, timeouts: Timeouts = TIMEOUTS) -> Adapter:
        """An adapter whose carrier is at this address, with the kit's current and former keys."""

    def word(self, text: str = "", **extra: str) -> WebhookRequest:
        """A signed client's word; `extra` are more fields in the carrier's own names."""

    def word_with_former_key(self) -> WebhookRequest:
        """The same, signed with the key that is being rotated out."""

    def empty(self) -> WebhookRequest:
        """A signed request without any field."""

    def unreadable(self) -> list[WebhookRequest]:
        """Signed words that lack, double or garble something that is needed."""

    def opt_words(self) -> list[tuple[WebhookRequest, OptWord | None]]:
        """Signed words with what the carrier itself recognised in them."""

    def expected_word(self, text: str) -> Inbound:
        """What `word(text)` must become, but for `fields`."""

    def asides(self) -> list[tuple[WebhookRequest, dict[str, object]]]:
        """Signed words with something beside the text, and the attributes that it must become; all others stay empty."""

    def file_url(self, far_end_url: str) -> str:
        """Where the carrier at this address keeps an attachment."""

    def proves_our_account(self, heard: Heard) -> bool:
        """Whether a request carries our keys."""

    def receipts(self) -> list[tuple[WebhookRequest, str, ReceiptState | None, AddressEffect | None]]:
        """A signed receipt for every status the carrier has: its word, its state, its error's effect (None: no error)."""

    def outbound(self, text: str = "Hola") -> Outbound:
        """A message that this carrier can carry."""

    def check_sent(self, heard: Heard, outbound: Outbound) -> None:
        """Assert that what came over the wire is this message."""

    def accepted(self) -> tuple[Say, str]:
        """The answer to an accepted message, and the id in it."""

    def accepted_without_id(self) -> list[Say]:
        """Successful answers that name no message, or cannot be read."""

    def throttled(self, seconds: int) -> Say:
        """Slow down, for so many seconds."""

    def refusals(self) -> list[tuple[Say, AddressEffect]]:
        """Answers that refuse for good, and what they say of the address."""

    def pages(self) -> tuple[list[Say], list[Listed]]:
        """The carrier's list in two pages at least, and its rows since `SINCE`, newest first."""


@dataclass
class TwilioSmsKit:
    """Twilio's SMS, signed here by hand so that the adapter is not its own witness."""

    prefix = ""
    most_files = 10

    name: str = "twilio-sms"
    channel: Channel = Channel.SMS
    signature_header: str = "x-twilio-signature"
    account: str = "AC" + "0" * 31 + "1"
    token: str = "present-token"
    former_token: str = "former-token"
    sender: str = "+15005550006"
    client: str = "+573001234567"
    sid: str = "SM" + "a" * 32

    def settings(self, api_url: str) -> Settings:
        return Settings(
            var=Path("var"),
            port=8000,
            simulator_port=8100,
            smtp_port=2525,
            database_url="postgresql://none",
            sequencer_database_url="postgresql://none",
            migrator_database_url="postgresql://none",
            redis_url="redis://none",
            public_url=PUBLIC_URL,
            demo=False,
            carrier="simulator",
            twilio_account_sid=self.account,
            twilio_auth_token=self.token,
            twilio_auth_token_old=self.former_token,
            twilio_sender=self.sender,
            twilio_whatsapp_sender=self.sender,
            twilio_content_url=api_url,
            twilio_api_url=api_url,
            twilio_messaging_url=api_url,
            keys={},
            index_key="",
            session_key="",
            ledger_key="",
        )

    def adapter(self, far_end_url: str, timeouts: Timeouts = TIMEOUTS) -> Adapter:
        return create_sms_adapter(self.settings(far_end_url), timeouts)

    def word(self, text: str = "", **extra: str) -> WebhookRequest:
        return self.signed("/hooks/twilio/message", list((self._word(text) | extra).items()))

    def word_with_former_key(self) -> WebhookRequest:
        return self.signed("/hooks/twilio/message", list(self._word("Hola").items()), self.former_token)

    def empty(self) -> WebhookRequest:
        return self.signed("/hooks/twilio/message", [])

    def unreadable(self) -> list[WebhookRequest]:
        good = self._word("Hola")
        needed = ("MessageSid", "AccountSid", "From", "To")
        changed = [
            *({name: value for name, value in good.items() if name != missing} for missing in needed),
            *(good | {name: ""} for name in needed),
            good | {"AccountSid": "AC" + "f" * 32},
            good | {"MessageSid": "SM 1; drop"},
            good | {"MessageSid": "S" * 65},
            good | {"From": "rcs:+573001234567"},
            good | {"From": "whatsapp:"},
            good | {"From": "+" + "5" * 300},
        ]
        doubled = [[*good.items(), (name, "other")] for name in (*needed, "Body")]
        forms = [list(form.items()) for form in changed] + doubled
        return [self.signed("/hooks/twilio/message", form) for form in forms]

    def opt_words(self) -> list[tuple[WebhookRequest, OptWord | None]]:
        said = [("STOP", OptWord.STOP), ("START", OptWord.START), ("HELP", OptWord.HELP), ("stop", OptWord.STOP), ("NEW", None), ("", None)]
        return [(self.word("x", OptOutType=word), meant) for word, meant in said]

    def expected_word(self, text: str) -> Inbound:
        return Inbound("twilio", self.account, self.sid, self.channel, self.client, self.sender, text)

    def asides(self) -> list[tuple[WebhookRequest, dict[str, object]]]:
        table: list[tuple[dict[str, str], dict[str, object]]] = [
            ({"ProfileName": "Ana 🌻"}, {"profile_name": "Ana 🌻"}),
            ({"OriginalRepliedMessageSid": "SM" + "b" * 32}, {"replies_to": "SM" + "b" * 32}),
            ({"OriginalRepliedMessageSid": ""}, {}),
            ({"OriginalRepliedMessageSid": "not an id"}, {}),
            ({"ButtonText": "Sí, el viernes", "ButtonPayload": "yes"}, {"press": Press("Sí, el viernes", "yes")}),
            ({"ButtonText": "Sí", "ButtonPayload": ""}, {"press": Press("Sí", "")}),
            ({"ListTitle": "Dos cuotas", "ListId": "two"}, {"press": Press("Dos cuotas", "two", listed=True)}),
            ({"ListTitle": "", "ListId": "two"}, {"press": Press("", "two", listed=True)}),
            ({"ButtonText": "Sí", "ListTitle": "Dos", "ListId": "two"}, {"press": Press("Sí", "")}),
            ({"ButtonText": "", "ListTitle": "", "ListId": ""}, {}),
            ({"Latitude": "4.6097", "Longitude": "-74.0817"}, {"place": Place(4.6097, -74.0817)}),
            ({"Latitude": "0", "Longitude": "180", "Label": "Casa", "Address": "Calle 1"}, {"place": Place(0, 180, "Casa, Calle 1")}),
            ({"Latitude": "4", "Longitude": "-74", "Label": "Casa", "Address": "Casa"}, {"place": Place(4, -74, "Casa")}),
            ({"Latitude": "91", "Longitude": "0"}, {}),
            ({"Latitude": "nan", "Longitude": "inf"}, {}),
            ({"Latitude": "4.6"}, {}),
            ({"Forwarded": "true"}, {"forwarded": True}),
            ({"FrequentlyForwarded": "true"}, {"forwarded": True}),
            ({"Forwarded": "false"}, {}),
        ]
        return [(self.word("Hola", **fields), meant) for fields, meant in table + self._own_asides()]

    def _own_asides(self) -> list[tuple[dict[str, str], dict[str, object]]]:
        return [({"ExternalUserId": "whatsapp:CO.1A2b3C"}, {})]

    def file_url(self, far_end_url: str) -> str:
        return f"{far_end_url}/2010-04-01/Accounts/{self.account}/Messages/{self.sid}/Media/ME{'c' * 32}"

    def proves_our_account(self, heard: Heard) -> bool:
        return heard.headers.get("authorization") == "Basic " + base64.b64encode(f"{self.account}:{self.token}".encode()).decode()

    def receipts(self) -> list[tuple[WebhookRequest, str, ReceiptState | None, AddressEffect | None]]:
        sent, delivered, read, failed = ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.READ, ReceiptState.FAILED
        table: list[tuple[str, str, ReceiptState | None, AddressEffect | None]] = [
            *((word, "", None, None) for word in ("accepted", "scheduled", "queued", "sending", "receiving", "received", "brand_new")),
            ("sent", "", sent, None),
            ("partially_delivered", "", sent, None),
            ("delivered", "", delivered, None),
            ("delivered", "30008", delivered, None),
            ("read", "", read, None),
            ("failed", "", failed, None),
            ("failed", "0", failed, None),
            ("canceled", "", failed, AddressEffect.NONE),
            ("failed", "21610", failed, AddressEffect.OPTED_OUT),
            ("undelivered", "63016", failed, AddressEffect.NONE),
            ("undelivered", "63024", failed, AddressEffect.INVALID),
            ("undelivered", "63049", failed, AddressEffect.NONE),
            ("undelivered", "30003", failed, AddressEffect.SOFT_BOUNCE),
            ("undelivered", "30005", failed, AddressEffect.HARD_BOUNCE),
            ("undelivered", "30007", failed, AddressEffect.NONE),
            ("undelivered", "99999", failed, AddressEffect.NONE),
        ]
        return [(self._receipt(word, code), word, state, effect) for word, code, state, effect in table]

    def outbound(self, text: str = "Hola") -> Outbound:
        return Outbound("0198-id", self.channel, self.client, text, f"{PUBLIC_URL}/hooks/twilio/receipt/0198-id", 3600)

    def check_sent(self, heard: Heard, outbound: Outbound) -> None:
        assert (heard.method, heard.target) == ("POST", f"/2010-04-01/Accounts/{self.account}/Messages.json")
        assert sorted(heard.pairs) == sorted(
            [
                ("To", self.prefix + outbound.recipient),
                ("From", self.prefix + (outbound.sender or self.sender)),
                *self._content(outbound),
                ("StatusCallback", outbound.receipt_url),
                ("ValidityPeriod", "3600"),
            ]
        )
        assert self.proves_our_account(heard)

    def _content(self, outbound: Outbound) -> list[tuple[str, str]]:
        if outbound.template is not None:
            return [("ContentSid", outbound.template.content_id), ("ContentVariables", json.dumps(dict(outbound.template.values)))]
        return [*([("Body", outbound.text)] if outbound.text else []), *(("MediaUrl", url) for url in outbound.media_urls)]

    def accepted(self) -> tuple[Say, str]:
        return Say.json(201, {"sid": self.sid, "status": "queued", "num_segments": "1"}), self.sid

    def accepted_without_id(self) -> list[Say]:
        texts = [
            b"",
            b"{}",
            b"null",
            b"[]",
            b"<html>",
            b'{"sid": null}',
            b'{"sid": 5}',
            b'{"sid": ""}',
            b'{"sid": "SM1',
            b"\xff\xfe{",
            b"[" * 99_999,
        ]
        wild = Say(201, b'{"sid": "SM\xe9"}', (("Content-Type", "application/json; charset=no-such-charset"),))
        return [*(Say(201, text) for text in texts), wild]

    def throttled(self, seconds: int) -> Say:
        return Say.json(429, {"code": 20429, "message": "Too Many Requests", "status": 429}, ("Retry-After", str(seconds)))

    def refusals(self) -> list[tuple[Say, AddressEffect]]:
        table = [
            (400, 21211, AddressEffect.INVALID),
            (400, 21614, AddressEffect.INVALID),
            (400, 21610, AddressEffect.OPTED_OUT),
            (400, 21606, AddressEffect.NONE),
            (401, 20003, AddressEffect.NONE),
            (403, 20005, AddressEffect.NONE),
            (404, 20404, AddressEffect.NONE),
            (400, 98765, AddressEffect.NONE),
        ]
        told = [(Say.json(status, {"code": code, "message": "no", "status": status}), effect) for status, code, effect in table]
        return [*told, (Say(403, b"<html>Forbidden</html>"), AddressEffect.NONE), (Say(401), AddressEffect.NONE)]

    def pages(self) -> tuple[list[Say], list[Listed]]:
        path = f"/2010-04-01/Accounts/{self.account}/Messages.json"
        ours = self._row("SM3", "Sun, 01 Mar 2026 12:30:00 +0000", direction="outbound-api", status="undelivered", error_code=30005)
        theirs = self._row("MM2", "Sun, 01 Mar 2026 12:20:00 +0000", body="Hola 👍", num_media="1")
        waiting = self._row("SM4", None, direction="outbound-api", status="queued", date_sent=None)
        other = self._row("SM5", "Sun, 01 Mar 2026 12:10:00 +0000") | {"from": "rcs:x"}
        chat = self._row("SM1", "Sun, 01 Mar 2026 12:00:00 +0000", body="por WhatsApp") | {
            "from": "whatsapp:" + self.client,
            "to": "whatsapp:" + self.sender,
        }
        old = self._row("SM0", "Sun, 01 Mar 2026 11:59:59 +0000")
        first = {"messages": [waiting, ours, theirs], "next_page_uri": f"{path}?PageSize=3&Page=1&PageToken=PAMM2%2B"}
        second = {"messages": [other], "next_page_uri": f"{path}?PageSize=3&Page=2&PageToken=PASM5"}
        third = {"messages": [chat, old], "next_page_uri": f"{path}?PageSize=3&Page=3&PageToken=PASM0"}
        last = {"messages": [old], "next_page_uri": f"{path}?PageSize=3&Page=4&PageToken=PAEND"}
        return [Say.json(200, page) for page in (first, second, third, last)], self._listed()

    def _listed(self) -> list[Listed]:
        base = Listed("SM4", False, Channel.SMS, self.sender, self.client, "texto", None, "queued", None)
        lost = replace(base, external_id="SM3", created_at=datetime(2026, 3, 1, 12, 30, tzinfo=UTC), carrier_word="undelivered")
        theirs = Listed(
            "MM2", True, Channel.SMS, self.client, self.sender, "Hola 👍", datetime(2026, 3, 1, 12, 20, tzinfo=UTC), "received", None
        )
        chat = replace(theirs, external_id="SM1", channel=Channel.WHATSAPP, text="por WhatsApp", created_at=SINCE)
        return [base, replace(lost, state=ReceiptState.FAILED), replace(theirs, media_count=1), chat]

    def _row(self, sid: str, created: str | None, direction: str = "inbound", **fields: object) -> dict[str, object]:
        sender, recipient = (self.client, self.sender) if direction == "inbound" else (self.sender, self.client)
        plain = {"sid": sid, "direction": direction, "from": sender, "to": recipient, "body": "texto", "status": "received"}
        return {**plain, "date_created": created, "date_sent": created, "num_media": "0", "error_code": None, **fields}

    def _word(self, text: str) -> dict[str, str]:
        ids = {"MessageSid": self.sid, "SmsSid": self.sid, "SmsMessageSid": self.sid, "AccountSid": self.account}
        return {
            **ids,
            "From": self.prefix + self.client,
            "To": self.prefix + self.sender,
            "Body": text,
            "NumMedia": "0",
            "FromCity": "",
            "ApiVersion": "2010-04-01",
        }

    def _receipt(self, word: str, code: str) -> WebhookRequest:
        fields = {
            "MessageSid": self.sid,
            "AccountSid": self.account,
            "From": self.prefix + self.sender,
            "To": self.prefix + self.client,
            "MessageStatus": word,
        }
        return self.signed("/hooks/twilio/receipt/0198-id", list((fields | ({"ErrorCode": code} if code else {})).items()))

    def signed(self, path: str, form: list[tuple[str, str]], token: str | None = None) -> WebhookRequest:
        """A request as the carrier signs it."""
        text = PUBLIC_URL + path + "".join(name + value for name, value in sorted(set(form)))
        mac = hmac.new((token or self.token).encode(), text.encode(), hashlib.sha1).digest()
        headers = (
            ("content-type", "application/x-www-form-urlencoded; charset=UTF-8"),
            (self.signature_header, base64.b64encode(mac).decode()),
        )
        return WebhookRequest("POST", path, "", headers, urlencode(form).encode())


@dataclass
class TwilioWhatsAppKit(TwilioSmsKit):
    """Twilio's WhatsApp: the same account and webhooks, with a prefix, and a client who may be known by two ids."""

    name: str = "twilio-whatsapp"
    channel: Channel = Channel.WHATSAPP

    prefix = "whatsapp:"
    most_files = 1

    def adapter(self, far_end_url: str, timeouts: Timeouts = TIMEOUTS) -> Adapter:
        return create_whatsapp_adapter(self.settings(far_end_url), timeouts)

    def _own_asides(self) -> list[tuple[dict[str, str], dict[str, object]]]:
        scoped = "whatsapp:CO.1A2b3C"
        return [
            ({"ExternalUserId": scoped}, {"also_known_as": "CO.1A2b3C"}),
            ({"ExternalUserId": scoped, "From": scoped}, {"sender": "CO.1A2b3C"}),
            ({"From": "whatsapp:CO.ENT.9z"}, {"sender": "CO.ENT.9z"}),
            ({"ExternalUserId": "rcs:somebody"}, {}),
            ({"ExternalUserId": "whatsapp:"}, {}),
            ({"ExternalUserId": "whatsapp:" + "x" * 300}, {}),
        ]


KITS: list[CarrierKit] = [TwilioSmsKit(), TwilioWhatsAppKit()]
