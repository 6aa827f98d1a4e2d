"""Guards receipts and what goes wrong with them: order, signature, retries, scenarios."""

from __future__ import annotations

import re
import time

import httpx
import pytest

from base.embedded.ports import free_port
from simulator.config import is_loopback
from simulator.signature import sign
from tests.simulator.far_side import ANA, MESSAGES, OLD_TOKEN, SENDER, Carrier, wait_for


def test_receipts_climb_and_are_signed(carrier: Carrier) -> None:
    sid = carrier.send().json()["sid"]
    sent, delivered = carrier.product.next(), carrier.product.next()
    assert [heard["MessageStatus"] for heard in (sent, delivered)] == ["sent", "delivered"]
    assert sent.genuine
    assert delivered.genuine
    assert sent.url == carrier.callback
    assert (sent["MessageSid"], sent["SmsStatus"], sent["To"], sent["From"], sent["ApiVersion"]) == (sid, "sent", ANA, SENDER, "2010-04-01")
    assert re.fullmatch(r"\d{10}", delivered["RawDlrDoneDate"])
    assert sent.headers["i-twilio-idempotency-token"] != delivered.headers["i-twilio-idempotency-token"]
    assert carrier.product.hears_nothing_for(0.2)


@pytest.mark.parametrize(
    ("fragment", "answers", "tries"),
    [
        ("", [503], 1),  # by default only a failed connection is retried
        ("", [0], 1),
        ("#rc=3&rp=5xx", [503, 500, 503, 503], 4),
        ("#rc=5&rp=4xx", [404, 503], 2),
        ("#rc=2&rp=all", [0, 429], 3),
        ("#rc=9&rp=all", [500, 500, 500], 2),  # out of range: the default
    ],
)
def test_retry_rules(carrier: Carrier, fragment: str, answers: list[int], tries: int) -> None:
    carrier.control("scenario", kind="fails_with", code=21610, times=1)
    carrier.product.answers[:] = answers
    carrier.send(StatusCallback=carrier.callback + fragment)
    heard = [carrier.product.next() for _ in range(tries)]
    assert carrier.product.hears_nothing_for(0.3)
    assert len({row.headers["i-twilio-idempotency-token"][0] for row in heard}) == 1
    assert all(row.genuine and row.url == carrier.callback for row in heard)


def test_a_refused_connection_is_tried_twice(carrier: Carrier) -> None:
    sid = carrier.send(StatusCallback=f"http://127.0.0.1:{free_port()}/gone").json()["sid"]
    rows = wait_for(lambda: [row for row in carrier.get("/_simulator/callbacks", sid=sid)["callbacks"] if row["word"] == "sent"][1:])
    assert rows[0]["number"] == 2
    assert rows[0]["status_code"] is None


def test_nobody_off_this_machine_is_called(carrier: Carrier) -> None:
    sid = carrier.send(StatusCallback="http://192.0.2.1/receipt").json()["sid"]
    (row, *_) = wait_for(lambda: carrier.get("/_simulator/callbacks", sid=sid)["callbacks"])
    assert (row["status_code"], row["error"]) == (None, "refused: not on this machine")
    assert not any(
        is_loopback(url) for url in ("http://10.0.0.1", "http://localhost.example", "ftp://127.0.0.1", "http://127.0.0.1.example", "//::1")
    )
    assert all(is_loopback(url) for url in ("http://localhost:1", "http://127.9.9.9/x", "http://[::1]:8000/"))


def test_throttled_and_refused_accept_nothing(carrier: Carrier) -> None:
    carrier.control("scenario", kind="throttled", times=1, retry_after=2, match={"to": re.escape(ANA)})
    carrier.control("scenario", kind="refused", code=21610, times=1)
    carrier.control("scenario", kind="server_error", times=1)
    answers = [carrier.send(body="in vain") for _ in range(3)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(429, 20429), (400, 21610), (500, 20500)]
    assert answers[0].headers["retry-after"] == "2"
    assert carrier.accepted("in vain") == []
    assert carrier.send(body="in vain").status_code == 201


@pytest.mark.parametrize("kind", ["accept_then_drop", "drop"])
def test_hanging_up_leaves_a_record_only_of_what_was_accepted(carrier: Carrier, kind: str) -> None:
    carrier.control("scenario", kind=kind, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        carrier.send(body=kind)
    wait_for(lambda: carrier.get("/_simulator/health")["under_way"] == 0)
    rows = carrier.accepted(kind)
    assert [row["answered"] for row in rows] == ([False] if kind == "accept_then_drop" else [])
    if rows:
        assert carrier.product.next()["MessageSid"] == rows[0]["sid"]


def test_accepted_with_a_useless_answer(carrier: Carrier) -> None:
    carrier.control("scenario", kind="accepted_then_500", times=1)
    carrier.control("scenario", kind="no_id", times=1)
    carrier.control("scenario", kind="slow", seconds=0.3, times=1)
    assert carrier.send(body="useless").status_code == 500
    nameless = carrier.send(body="useless")
    assert (nameless.status_code, "sid" in nameless.json()) == (201, False)
    start = time.monotonic()
    assert carrier.send(body="useless").json()["sid"]
    assert time.monotonic() - start >= 0.3
    wait_for(lambda: [row["answered"] for row in carrier.accepted("useless")] == [False, True, True])


@pytest.mark.parametrize(
    ("receipts", "words"),
    [
        ({"doubled": 3}, ["sent", "sent", "sent", "delivered", "delivered", "delivered"]),
        ({"reversed": True}, ["delivered", "sent"]),
        ({"never": True}, []),
        ({"late": 0.4}, ["sent", "delivered"]),
    ],
)
def test_receipts_go_wrong(carrier: Carrier, receipts: dict[str, object], words: list[str]) -> None:
    carrier.control("scenario", kind="receipts", times=1, **receipts)
    start = time.monotonic()
    sid = carrier.send().json()["sid"]
    heard = [carrier.product.next() for _ in words]
    assert [row["MessageStatus"] for row in heard] == words
    assert carrier.product.hears_nothing_for(0.2)
    assert all(row.at - start >= receipts.get("late", 0) for row in heard)
    assert carrier.get(f"{MESSAGES}/{sid}.json")["status"] == "delivered"


def test_receipts_before_the_answer(carrier: Carrier) -> None:
    carrier.control("scenario", kind="receipts", before_answer=True, times=1)
    sid = carrier.send().json()["sid"]
    answered = time.monotonic()
    heard = [carrier.product.next(), carrier.product.next()]
    assert [(row["MessageSid"], row["MessageStatus"]) for row in heard] == [(sid, "sent"), (sid, "delivered")]
    assert all(row.at < answered for row in heard)


def test_receipts_badly_signed_or_with_the_old_token(carrier: Carrier) -> None:
    carrier.control("scenario", kind="receipts", bad_signature=True, times=1)
    carrier.control("scenario", kind="receipts", old_token=True, times=1)
    carrier.send()
    bad = [carrier.product.next(), carrier.product.next()]
    carrier.send()
    old = carrier.product.next()
    assert not any(row.genuine for row in bad)
    assert all("x-twilio-signature" in row.headers for row in bad)
    assert old.headers["x-twilio-signature"] == [sign(OLD_TOKEN, old.url, old.fields)]


def test_undelivered_and_expired(carrier: Carrier) -> None:
    carrier.control("scenario", kind="fails_with", code=30003, times=1)
    sid = carrier.send().json()["sid"]
    words = [carrier.product.next(), carrier.product.next()]
    assert [row["MessageStatus"] for row in words] == ["sent", "undelivered"]
    assert words[1]["ErrorCode"] == "30003"
    assert carrier.get(f"{MESSAGES}/{sid}.json")["error_code"] == 30003
    carrier.control("scenario", kind="held", seconds=5, times=1)
    carrier.send(ValidityPeriod="1")
    expired = carrier.product.next()
    assert (expired["MessageStatus"], expired["ErrorCode"]) == ("failed", "30036")


def test_scenarios_are_checked_counted_and_seeded(carrier: Carrier) -> None:
    for wrong in ({"kind": "refused"}, {"kind": "throttled", "match": {"to": "("}}, {"kind": "dance"}, {"kind": "drop", "tims": 1}):
        assert carrier.http.post("/_simulator/scenario", json=wrong).status_code == 400
    carrier.control("scenario", kind="throttled", probability=0.5)
    codes = [carrier.send(StatusCallback=None).status_code for _ in range(30)]
    assert 5 < codes.count(429) < 25
    assert carrier.get("/_simulator/scenarios")["scenarios"][0]["taken"] == codes.count(429)


def test_paused_receipts_wait(carrier: Carrier) -> None:
    carrier.control("pause")
    carrier.send()
    assert carrier.product.hears_nothing_for(0.3)
    carrier.control("resume")
    assert [carrier.product.next()["MessageStatus"], carrier.product.next()["MessageStatus"]] == ["sent", "delivered"]
