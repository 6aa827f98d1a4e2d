"""Guards WhatsApp on the simulated carrier: its senders and users, the day after a client's word, receipts, and what clients may send."""

from __future__ import annotations

import base64
import json
import re

import httpx
import pytest

from tests.simulator.far_side import ACCOUNT, ANA, MESSAGES, SENDER, TOKEN, Carrier

DAY = 86_400
ASK = {"twilio/quick-reply": {"body": "Hola {{1}}, ¿hablamos?", "actions": [{"title": "Sí", "id": "yes"}, {"title": "No", "id": "no"}]}}
PRESS = {"twilio/call-to-action": {"body": "Paga aquí", "actions": [{"type": "URL", "title": "Pagar", "url": "https://h.example"}]}}


def write(carrier: Carrier, sender: str = ANA, **more: object) -> dict[str, str]:
    """A client writes on WhatsApp; returns what the product heard."""
    carrier.control("inbound", **{"from": sender, "channel": "whatsapp", **more})
    heard = carrier.product.next()
    assert heard.genuine
    return dict(heard.fields)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"to": "whatsapp:+573001112233"}, None),
        ({"to": "whatsapp:CO.9912"}, None),
        ({"to": "whatsapp:CO.ENT.9912ab"}, None),
        ({"to": "whatsapp:co.9912"}, 21211),
        ({"to": "whatsapp:3001112233"}, 21211),
        ({"to": ANA}, 21910),
        ({"From": SENDER}, 21910),
        ({"From": "whatsapp:+573009998877"}, 63007),
        ({"MediaUrl": ["https://h.example/a.jpg", "https://h.example/b.jpg"]}, 21623),
        ({"ContentSid": "HX" + "0" * 32}, 21655),
        ({"ContentSid": "HX1"}, 21655),
        ({"body": ""}, 21602),
    ],
)
def test_what_is_refused_at_once(carrier: Carrier, form: dict[str, object], code: int | None) -> None:
    answer = carrier.send(
        str(form.pop("to", f"whatsapp:{ANA}")), **{"body": "Hola", "From": f"whatsapp:{SENDER}", "StatusCallback": None, **form}
    )
    assert (answer.status_code, answer.json().get("code")) == ((400, code) if code else (201, None))


def test_free_words_go_only_within_a_day_of_the_clients_last(carrier: Carrier) -> None:
    bea = "+573004440001"
    early = carrier.send_whatsapp(bea).json()
    assert (early["status"], carrier.heard_of(early["sid"], 1)) == ("queued", ["failed 63016"])
    shown = carrier.get(f"{MESSAGES}/{early['sid']}.json")
    assert (shown["status"], shown["error_code"]) == ("failed", 63016)
    carrier.control("inbound", **{"from": bea, "text": "por texto, que no cuenta"})
    assert carrier.heard_of(carrier.send_whatsapp(bea).json()["sid"], 1) == ["failed 63016"]
    write(carrier, bea, text="Hola")
    assert carrier.heard_of(carrier.send_whatsapp(bea).json()["sid"], 3) == ["sent", "delivered", "read"]
    carrier.control("clock", shift=DAY - 60)
    assert carrier.heard_of(carrier.send_whatsapp(bea).json()["sid"], 3) == ["sent", "delivered", "read"]
    carrier.control("clock", shift=DAY + 60)
    assert carrier.heard_of(carrier.send_whatsapp(bea).json()["sid"], 1) == ["failed 63016"]


@pytest.mark.parametrize("status", ["unsubmitted", "pending", "rejected", "paused", "approved"])
def test_only_an_approved_template_opens_a_closed_window(carrier: Carrier, status: str) -> None:
    sid = carrier.template(ASK, status, **{"1": "amiga"})
    sent = carrier.send_whatsapp("+573004440002", None, ContentSid=sid, ContentVariables='{"1": "Ana"}').json()
    words = ["sent", "delivered", "read"] if status == "approved" else ["failed 63016"]
    assert carrier.heard_of(sent["sid"], len(words)) == words
    assert (sent["body"], sent["num_segments"]) == ("Hola Ana, ¿hablamos?", "1")
    assert sent["sid"].startswith("MM")


def test_within_the_day_only_what_leads_out_of_the_chat_needs_approval(carrier: Carrier) -> None:
    bea = "+573004440003"
    write(carrier, bea, text="Hola")
    free = carrier.send_whatsapp(bea, None, ContentSid=carrier.template(ASK, "unsubmitted", **{"1": "amiga"})).json()
    assert free["body"] == "Hola amiga, ¿hablamos?"  # the template's own sample stands in for a value that is not given
    assert carrier.heard_of(free["sid"], 1) == ["sent"]
    four = {"twilio/quick-reply": {"body": "¿Cuál?", "actions": [{"title": f"Opción {at}", "id": f"o{at}"} for at in range(4)]}}
    for status, words in (("unsubmitted", ["failed 63016"]), ("approved", ["sent"])):
        sent = carrier.send_whatsapp(bea, None, ContentSid=carrier.template(four, status)).json()
        assert carrier.heard_of(sent["sid"], 1) == words
    leads_out = carrier.send_whatsapp(bea, None, ContentSid=carrier.template(PRESS, "unsubmitted")).json()
    assert carrier.heard_of(leads_out["sid"], 1) == ["failed 63016"]


@pytest.mark.parametrize(
    ("variables", "outcome"),
    [
        ("[]", 21656),
        ("{", 21656),
        ('{"1": 5}', 21656),
        ('{"1": ""}', 21656),
        ("", "failed 63028"),
        ('{"1": "Ana", "2": "más"}', "failed 63028"),
        ('{"1": "dos\\nlíneas"}', "failed 63021"),
        (json.dumps({"1": "a" * 1100}), "failed 63021"),
    ],
)
def test_values_that_do_not_fit_a_template(carrier: Carrier, variables: str, outcome: object) -> None:
    answer = carrier.send_whatsapp("+573004440004", None, ContentSid=carrier.template(ASK), ContentVariables=variables)
    found = answer.json()["code"] if answer.status_code == 400 else carrier.heard_of(answer.json()["sid"], 1)[0]
    assert found == outcome


def test_receipts_say_what_whatsapp_adds_and_reading_can_be_switched_off(carrier: Carrier) -> None:
    bea, cata = "+573004440005", "+573004440006"
    for client in (bea, cata):
        write(carrier, client, text="Hola")
    carrier.http.post("/_simulator/phones", json=[{"number": cata, "read_receipts": False}]).raise_for_status()
    carrier.send_whatsapp(bea)
    sent, delivered, read = (carrier.product.next() for _ in range(3))
    assert [row["MessageStatus"] for row in (sent, delivered, read)] == ["sent", "delivered", "read"]
    assert all(row.genuine and row["ChannelToAddress"] == bea and row["ChannelPrefix"] == "whatsapp" for row in (sent, delivered, read))
    assert (delivered["EventType"], read["EventType"], "EventType" in dict(sent.fields)) == ("DELIVERED", "READ", False)
    assert "RawDlrDoneDate" not in dict(delivered.fields)
    assert carrier.heard_of(carrier.send_whatsapp(cata).json()["sid"], 2) == ["sent", "delivered"]
    assert carrier.product.hears_nothing_for(0.3)
    carrier.control("scenario", kind="receipts", read=False, times=1)
    carrier.send_whatsapp(bea)
    assert [carrier.product.next()["MessageStatus"] for _ in range(2)] == ["sent", "delivered"]
    assert carrier.product.hears_nothing_for(0.3)


def test_a_user_without_a_phone_is_the_same_one_as_with_it(carrier: Carrier) -> None:
    first = write(carrier, "", user_id="CO.77001", text="Hola", profile_name="la_paisa")
    assert (first["From"], first["ExternalUserId"], first["ProfileName"]) == ("whatsapp:CO.77001", "whatsapp:CO.77001", "la_paisa")
    assert "WaId" not in first
    assert carrier.heard_of(carrier.send_whatsapp("CO.77001").json()["sid"], 3)[0] == "sent"
    bea = "+573004440007"
    known = write(carrier, bea, text="Hola", user_id="CO.77002")
    assert (known["From"], known["WaId"], known["ExternalUserId"]) == (f"whatsapp:{bea}", bea[1:], "whatsapp:CO.77002")
    assert carrier.heard_of(carrier.send_whatsapp("CO.77002").json()["sid"], 3)[0] == "sent"  # the day runs for the person
    carrier.http.post("/_simulator/phones", json=[{"number": bea, "username_only": True}]).raise_for_status()
    hidden = write(carrier, bea, text="¿Sí?")
    assert (hidden["From"], "WaId" in hidden) == ("whatsapp:CO.77002", False)
    dia = "+573004440008"
    carrier.http.post("/_simulator/phones", json=[{"number": dia, "user_id": "CO.77003", "username_only": True}]).raise_for_status()
    assert write(carrier, dia, text="Hola")["From"] == "whatsapp:CO.77003"
    assert carrier.heard_of(carrier.send_whatsapp(dia).json()["sid"], 3)[0] == "sent"
    for wrong in ({"from": "", "channel": "whatsapp"}, {"from": "300", "channel": "whatsapp"}, {"from": ""}, {"user_id": "x"}):
        assert carrier.http.post("/_simulator/inbound", json=wrong).status_code == 400


def test_everything_a_client_may_press_share_or_quote(carrier: Carrier) -> None:
    ours = carrier.send_whatsapp(ANA, None, ContentSid=carrier.template(ASK, **{"1": "amiga"}), StatusCallback=None).json()["sid"]
    said = write(carrier, button={"text": "Sí", "payload": "yes"}, reply_to=ours)
    assert (said["ButtonText"], said["ButtonPayload"], said["MessageType"], said["Body"]) == ("Sí", "yes", "button", "Sí")
    assert (said["OriginalRepliedMessageSid"], said["OriginalRepliedMessageSender"]) == (ours, f"whatsapp:{SENDER}")
    assert json.loads(said["ChannelMetadata"])["data"]["context"]["ButtonPayload"] == "yes"
    said = write(carrier, list={"id": "fri", "title": "Viernes"})
    assert (said["ListId"], said["ListTitle"], said["MessageType"]) == ("fri", "Viernes", "interactive")
    said = write(carrier, place={"latitude": 4.6, "longitude": -74.1, "label": "Casa"}, forwarded=True)
    assert (said["Latitude"], said["Longitude"], said["Label"], said["Forwarded"]) == ("4.6", "-74.1", "Casa", "true")
    assert (said["MessageType"], said["NumMedia"], said["SmsStatus"]) == ("location", "0", "received")
    assert "FromCountry" not in said
    plain = write(carrier, text="Hola")
    assert (plain["MessageType"], plain["Forwarded"], plain["ReferralNumMedia"]) == ("text", "false", "0")


@pytest.mark.parametrize(
    ("sample", "kind", "message_type", "start"),
    [
        ("photo", "image/png", "image", b"\x89PNG\r\n"),
        ("receipt", "image/png", "image", b"\x89PNG\r\n"),
        ("voice", "audio/ogg", "audio", b"OggS"),
        ("pdf", "application/pdf", "document", b"%PDF-1."),
    ],
)
def test_media_are_given_out_with_a_password_through_a_redirect(
    carrier: Carrier, sample: str, kind: str, message_type: str, start: bytes
) -> None:
    said = write(carrier, media=[{"sample": sample}])
    assert (said["NumMedia"], said["MediaContentType0"], said["MessageType"]) == ("1", kind, message_type)
    url = said["MediaUrl0"]
    assert re.fullmatch(rf".*/2010-04-01/Accounts/{ACCOUNT}/Messages/MM[0-9a-f]{{32}}/Media/ME[0-9a-f]{{32}}", url)
    assert httpx.get(url, trust_env=False).status_code == 401
    moved = httpx.get(url, auth=(ACCOUNT, TOKEN), trust_env=False)
    assert moved.status_code == 307
    found = httpx.get(moved.headers["location"], trust_env=False)
    assert (found.status_code, found.headers["content-type"]) == (200, kind)
    assert found.content.startswith(start)
    part = httpx.get(moved.headers["location"], headers={"Range": "bytes=2-4"}, trust_env=False)
    assert (part.status_code, part.content) == (206, found.content[2:5])
    assert carrier.get(f"{httpx.URL(url).path}.json")["content_type"] == kind
    assert httpx.delete(url, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 204
    assert httpx.get(url, auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 404


def test_files_of_ones_own_one_on_whatsapp_several_by_mms(carrier: Carrier) -> None:
    note = {"name": "nota.txt", "bytes": base64.b64encode(b"hola").decode()}
    said = write(carrier, media=[note])
    assert (said["MediaContentType0"], said["Body"]) == ("text/plain", "")
    two = {"from": ANA, "media": [note, {"sample": "photo"}]}
    assert carrier.http.post("/_simulator/inbound", json={**two, "channel": "whatsapp"}).status_code == 400
    carrier.control("inbound", **two)
    assert carrier.product.next()["NumMedia"] == "2"
    assert carrier.http.post("/_simulator/inbound", json={"from": ANA, "media": [{"name": "a.png"}]}).status_code == 400


def test_what_the_product_attaches_is_fetched_or_the_message_fails(carrier: Carrier) -> None:
    write(carrier, text="Hola")
    base = carrier.callback.split("/receipt")[0]
    carrier.product.media |= {"/a.png": ("image/png", b"\x89PNG"), "/a.html": ("font/woff", b"<p>")}
    fine = carrier.send_whatsapp(MediaUrl=f"{base}/a.png").json()
    assert carrier.heard_of(fine["sid"], 1) == ["sent"]
    (file,) = carrier.get(fine["subresource_uris"]["media"])["media_list"]
    assert (file["content_type"], fine["num_media"]) == ("image/png", "1")
    for url, code in (("/none.png", 63019), ("/a.html", 63021)):
        assert carrier.heard_of(carrier.send_whatsapp(MediaUrl=base + url).json()["sid"], 1) == [f"failed {code}"]
    elsewhere = f"{base}/a.png".replace("127.0.0.1", "0.0.0.0")  # it would answer, and yet it is no address of this machine alone
    assert carrier.heard_of(carrier.send_whatsapp(MediaUrl=elsewhere).json()["sid"], 1) == ["failed 63019"]
    assert carrier.heard_of(carrier.send(MediaUrl=f"{base}/none.png").json()["sid"], 1) == ["failed 11200"]
