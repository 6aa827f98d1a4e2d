"""Guards clients' words on their way in: whole, signed, doubled, lost, forged, opted out."""

from __future__ import annotations

import time

import pytest

from tests.simulator.far_side import ACCOUNT, ANA, MESSAGES, SENDER, TOKEN, Carrier


def test_a_clients_words_arrive_signed_and_whole(carrier: Carrier) -> None:
    said = carrier.control(
        "inbound", **{"from": ANA, "text": "Ya pagué 👍 a+b&c=d ", "media": ["https://h.example/foto.jpg"], "extra": {"New": "x"}}
    )
    heard = carrier.product.next()
    assert said == {"sid": heard["MessageSid"], "status_codes": [204]}
    assert heard.genuine
    assert heard.url.endswith("/hooks/twilio/message")
    wanted = {
        "MessageSid": said["sid"], "SmsSid": said["sid"], "SmsMessageSid": said["sid"], "AccountSid": ACCOUNT, "From": ANA, "To": SENDER,
        "Body": "Ya pagué 👍 a+b&c=d ", "NumMedia": "1", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
        "FromCountry": "CO", "FromCity": "", "ToZip": "", "New": "x",
        "MediaUrl0": "https://h.example/foto.jpg", "MediaContentType0": "image/jpeg",
    }  # fmt: skip
    assert wanted.items() <= dict(heard.fields).items()
    row = carrier.get("/_simulator/inbound", limit=10_000)["inbound"][-1]
    assert (row["sid"], row["status_codes"]) == (said["sid"], [204])


def test_copies_lost_and_late_words(carrier: Carrier) -> None:
    said = carrier.control("inbound", **{"from": ANA, "text": "tres veces", "copies": 3})
    assert said["status_codes"] == [204] * 3
    assert {carrier.product.next()["MessageSid"] for _ in range(3)} == {said["sid"]}
    lost = carrier.control("inbound", **{"from": ANA, "text": "perdido", "lost": True})
    assert carrier.product.hears_nothing_for(0.2)
    assert carrier.get(f"{MESSAGES}/{lost['sid']}.json")["status"] == "received"
    start = time.monotonic()
    carrier.control("inbound", **{"from": ANA, "text": "tarde", "delay": 0.3})
    assert carrier.product.next().at - start >= 0.3


@pytest.mark.parametrize("forge", ["signature", "body", "token", "missing", "double"])
def test_forgeries_are_wrong_and_leave_no_record(carrier: Carrier, forge: str) -> None:
    carrier.product.answers[:] = [403]
    said = carrier.control("inbound", **{"from": ANA, "text": "falso", "forge": forge})
    assert said["status_codes"] == [403]
    assert not carrier.product.next().genuine
    assert carrier.http.get(f"{MESSAGES}/{said['sid']}.json", auth=(ACCOUNT, TOKEN)).status_code == 404
    assert said["sid"] not in {row["sid"] for row in carrier.get("/_simulator/inbound", limit=10_000)["inbound"]}


def test_the_carriers_own_opt_out_blocks_until_start(carrier: Carrier) -> None:
    to = "+573009990003"
    carrier.control("inbound", **{"from": to, "text": "STOP", "opt_out_type": "STOP"})
    assert carrier.product.next()["OptOutType"] == "STOP"
    assert carrier.send(to=to).json()["code"] == 21610
    carrier.control("inbound", **{"from": to, "text": "START", "opt_out_type": "START"})
    assert carrier.send(to=to, StatusCallback=None).status_code == 201
