"""Guards clients who answer by a script: what they say, how often, and that they can be taken off it."""

from __future__ import annotations

import re

import pytest

from simulator.samples import draw_receipt
from simulator.scripts import read_scripts
from simulator.segments import count_parts
from tests.simulator.far_side import ACCOUNT, TOKEN, Carrier, Heard, wait_for

NAMES = {
    "pays", "disputes", "promises", "wrong_person", "stop", "hardship", "portuguese", "emoji", "long_sms", "receipt_photo", "voice_note",
    "presses_button", "username_only", "pays_pt", "promises_pt", "stop_pt",
}  # fmt: skip
QUICK = {
    "rules": [
        {"when": "cuánto", "say": [{"text": ["mucho", "poco"]}, {"sample": "receipt", "after": 0.05}], "times": 1},
        {"when": "", "say": [{"text": ["otra cosa"]}], "times": 2},
    ]
}


def cast(carrier: Carrier, number: str, script: str, **more: object) -> None:
    carrier.http.post("/_simulator/scripts", json=[{"number": number, "script": script, **more}]).raise_for_status()


def define(carrier: Carrier, name: str, **script: object) -> None:
    carrier.http.put(f"/_simulator/scripts/{name}", json=script).raise_for_status()


def said(carrier: Carrier) -> Heard:
    """The next words of a client, past all receipts."""
    return wait_for(lambda: next((heard for heard in [carrier.product.next()] if "MessageStatus" not in dict(heard.fields)), None))  # type: ignore[return-value]


def test_a_script_answers_by_rule_in_order_and_wears_out(carrier: Carrier) -> None:
    number = "+573005550101"
    define(carrier, "quick", **QUICK)
    cast(carrier, number, "quick")
    carrier.send(number, "¿Cuánto puede pagar?", StatusCallback=None)
    assert said(carrier)["Body"] in ("mucho", "poco")
    picture = said(carrier)
    assert (picture["From"], picture["NumMedia"], picture["MediaContentType0"]) == (number, "1", "image/png")
    for _ in range(2):
        carrier.send(number, "¿Cuánto?", StatusCallback=None)
        assert said(carrier)["Body"] == "otra cosa"
    carrier.send(number, "¿Cuánto?", StatusCallback=None)
    assert carrier.product.hears_nothing_for(0.4)
    cast(carrier, number, "quick")  # from the beginning
    cast(carrier, number, "")
    carrier.send(number, "¿Cuánto?", StatusCallback=None)
    assert carrier.product.hears_nothing_for(0.4)


def test_a_script_presses_the_button_of_a_template(carrier: Carrier) -> None:
    number = "+573005550102"
    define(carrier, "presser", rules=[{"needs": "press", "say": [{"press": 1}]}, {"say": [{"text": ["¿y el botón?"]}]}])
    cast(carrier, number, "presser")
    types = {"twilio/quick-reply": {"body": "¿Hablamos?", "actions": [{"title": "Sí", "id": "yes"}, {"title": "No", "id": "no"}]}}
    sent = carrier.send_whatsapp(number, None, ContentSid=carrier.template(types), StatusCallback=None).json()
    heard = said(carrier)
    assert (heard["ButtonText"], heard["ButtonPayload"], heard["OriginalRepliedMessageSid"]) == ("No", "no", sent["sid"])
    carrier.send_whatsapp(number, "Sin botones", StatusCallback=None)
    assert said(carrier)["Body"] == "¿y el botón?"


@pytest.mark.parametrize("variant", range(1, 11))
@pytest.mark.parametrize("script", ["stop", "stop_pt"])
def test_stop_is_said_in_ten_ways(carrier: Carrier, script: str, variant: int) -> None:
    rule = read_scripts()[script].rules[0]
    define(carrier, "halt", rules=[{"pick": "variant", "say": [{"text": rule.say[0].text}]}])
    number = f"+{'55119' if script == 'stop_pt' else '57300'}55502{variant:02}"
    cast(carrier, number, f"halt:{variant}")
    carrier.send(number, StatusCallback=None)
    assert said(carrier)["Body"] == rule.say[0].text[variant - 1]
    assert len(set(rule.say[0].text)) == 10


def test_no_script_has_an_amount_or_a_month() -> None:
    fixed = re.compile(r"\$ ?\d|S/ ?\d|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre")
    lines = [line for script in read_scripts().values() for rule in script.rules for line in rule.say]
    assert [text for line in lines for text in line.text if fixed.search(text)] == []


@pytest.mark.parametrize(("number", "paid_by"), [("+573005550104", "CO"), ("+551190000104", "BR"), ("+51890000104", "PE")])
def test_a_receipt_is_of_the_clients_country(carrier: Carrier, number: str, paid_by: str) -> None:
    carrier.http.post("/_simulator/inbound", json={"from": number, "text": "", "media": [{"sample": "receipt"}]}).raise_for_status()
    assert carrier.http.get(said(carrier)["MediaUrl0"], auth=(ACCOUNT, TOKEN), follow_redirects=True).content == draw_receipt(paid_by)


def test_an_opening_without_a_number(carrier: Carrier) -> None:
    number = "+573005550103"
    cast(carrier, number, "username_only", start=True)
    heard = said(carrier)
    assert heard["From"].startswith("whatsapp:CO.")
    assert "WaId" not in dict(heard.fields)
    carrier.http.post("/_simulator/phones", json=[{"number": number, "username_only": False}]).raise_for_status()
    cast(carrier, number, "")


def test_the_scripts_that_come_with_it_are_whole(carrier: Carrier) -> None:
    scripts = read_scripts()
    assert set(scripts) == NAMES
    assert all(script.title and script.about and script.rules for script in scripts.values())
    (line,) = scripts["long_sms"].rules[0].say
    assert count_parts(line.text[0] * line.repeat).count >= 10
    assert len(line.text[0] * line.repeat) <= 100_000
    known = carrier.get("/_simulator/scripts")
    assert {script["name"] for script in known["scripts"]} >= NAMES
    for wrong in ([{"number": "+573005550101", "script": "sings"}], [{"number": "300", "script": ""}]):
        assert carrier.http.post("/_simulator/scripts", json=wrong).status_code == 400
    assert carrier.http.put("/_simulator/scripts/bad", json={"rules": [{"when": "(", "say": [{"text": ["x"]}]}]}).status_code == 400
