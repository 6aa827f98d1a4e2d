"""Guards the simulated REST door: Twilio's fields, refusals, listing and deletion."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import pytest

from tests.simulator.far_side import ACCOUNT, ANA, MESSAGES, SENDER, TOKEN, Carrier, wait_for


def test_a_message_is_accepted_and_shown(carrier: Carrier) -> None:
    answer = carrier.send(body="¿Cómo está?", ValidityPeriod="120", Invented="1")
    shown = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch("SM[0-9a-f]{32}", shown["sid"])
    assert (shown["status"], shown["direction"], shown["to"], shown["from"]) == ("queued", "outbound-api", ANA, SENDER)
    assert (shown["num_segments"], shown["num_media"], shown["price"], shown["date_sent"]) == ("1", "0", None, None)
    assert parsedate_to_datetime(shown["date_created"]).utcoffset() is not None
    assert carrier.get(shown["uri"])["body"] == "¿Cómo está?"
    (row,) = carrier.accepted("¿Cómo está?")
    assert (row["validity_period"], row["status_callback"], row["to"]) == (120, carrier.callback, ANA)
    wait_for(lambda: carrier.accepted("¿Cómo está?")[0]["answered"])


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"To": None}, 21604),
        ({"From": None}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "a" * 1601}, 21617),
        ({"To": "300111"}, None),
        ({"To": "no phone"}, 21211),
        ({"To": "+0573001112233"}, 21211),
        ({"StatusCallback": "ftp://x"}, 21609),
        ({"ValidityPeriod": "0"}, 21624),
        ({"ValidityPeriod": "36001"}, 21624),
        ({"ValidityPeriod": "36000"}, None),
        ({"MediaUrl": ["https://h.example/a.jpg"] * 11}, 21623),
        ({"ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"}, 35118),
        ({"RiskCheck": "perhaps"}, 20001),
        ({"From": "+15005550001"}, 21212),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"To": "+573005550009"}, None),  # outside the reserved range nothing is magic
        ({"To": "+15005560001"}, None),
    ],
)
def test_refusals_carry_twilios_codes(carrier: Carrier, form: dict[str, object], code: int | None) -> None:
    answer = carrier.send(**{"StatusCallback": None, "to": form.pop("To", ANA), "body": form.pop("Body", "Hola"), **form})
    assert answer.status_code == (400 if code else 201)
    if code:
        assert answer.json()["code"] == code
        assert answer.json()["more_info"].endswith(f"/{code}")
        assert answer.json()["status"] == 400


def test_only_the_account_gets_in(carrier: Carrier) -> None:
    for auth in (None, (ACCOUNT, "wrong"), ("AC" + "0" * 32, TOKEN)):
        answer = carrier.http.get(f"{MESSAGES}.json", auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    other = carrier.http.get(f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json", auth=(ACCOUNT, TOKEN))
    assert other.status_code == 401
    missing = carrier.http.get(f"{MESSAGES}/SM{'0' * 32}.json", auth=(ACCOUNT, TOKEN))
    assert (missing.status_code, missing.json()["code"]) == (404, 20404)
    assert carrier.http.get("/_simulator/health", headers={"Host": "evil.example"}).status_code == 403
    assert carrier.http.post("/_simulator/pause", headers={"Origin": "https://evil.example"}).status_code == 403


def test_listing_pages_and_filters(carrier: Carrier) -> None:
    to = "+573009990001"
    sids = [carrier.send(to=to, body=f"n{number}", StatusCallback=None).json()["sid"] for number in range(5)]
    inbound = str(carrier.control("inbound", **{"from": to, "text": "yo"})["sid"])

    page = carrier.get(f"{MESSAGES}.json", To=to, PageSize=2)
    seen, pages = [row["sid"] for row in page["messages"]], [page]
    assert (page["start"], page["end"], page["page"], page["page_size"], page["previous_page_uri"]) == (0, 1, 0, 2, None)
    carrier.send(to=to, body="meanwhile", StatusCallback=None)  # a new row must not push an old one onto two pages
    while page["next_page_uri"]:
        page = carrier.get(urljoin(str(carrier.http.base_url), page["next_page_uri"]))
        pages.append(page)
        seen += [row["sid"] for row in page["messages"]]
    assert seen == sids[::-1]
    back = carrier.get(urljoin(str(carrier.http.base_url), pages[1]["previous_page_uri"]))
    assert [row["sid"] for row in back["messages"]] == sids[4:2:-1]

    assert [row["sid"] for row in carrier.get(f"{MESSAGES}.json", From=to)["messages"]] == [inbound]
    assert carrier.get(f"{MESSAGES}.json", From=to)["messages"][0]["direction"] == "inbound"
    assert carrier.get(f"{MESSAGES}.json", PageSize=5000)["page_size"] == 1000
    for wrong in ({"PageSize": "0"}, {"PageToken": "PASM1"}, {"DateSent": "yesterday"}):
        answer = carrier.http.get(f"{MESSAGES}.json", params=wrong, auth=(ACCOUNT, TOKEN))
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_listing_by_date(carrier: Carrier) -> None:
    to = "+573009990002"
    before = int(time.time())
    carrier.send(to=to, body="today", StatusCallback=None)
    day = time.strftime("%Y-%m-%d", time.gmtime(before))

    def count(**query: str) -> int:
        return len(carrier.get(f"{MESSAGES}.json", To=to, **query)["messages"])

    def moment(shift: int) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before + shift))

    assert count(**{"DateSent>": moment(0)}) == 1
    assert count(**{"DateSent>": moment(60)}) == 0
    assert count(**{"DateSent<": moment(60)}) == 1
    assert count(**{"DateSent<": moment(-60)}) == 0
    assert count(**{"DateSent>": day}) + count(DateSent="2001-01-01") == 1
    assert count(**{"DateSent<": "Wed, 19 Jun 2019 22:04:00 -0000"}) == 0


def test_deleted_messages_leave_the_list_but_not_the_record(carrier: Carrier) -> None:
    sid = carrier.send(body="to be deleted", StatusCallback=None).json()["sid"]
    address = f"{MESSAGES}/{sid}.json"
    assert carrier.http.delete(address, auth=(ACCOUNT, TOKEN)).status_code == 409
    wait_for(lambda: carrier.get(address)["status"] == "delivered")
    assert carrier.http.delete(address, auth=(ACCOUNT, TOKEN)).status_code == 204
    assert carrier.http.get(address, auth=(ACCOUNT, TOKEN)).status_code == 404
    assert len(carrier.accepted("to be deleted")) == 1
