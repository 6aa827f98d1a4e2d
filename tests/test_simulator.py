"""Guards the simulated carrier: Twilio's REST and errors, signatures, receipts, retries, scenarios; nothing accepted is lost."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urljoin

import httpx
import pytest
from playwright.async_api import Browser, expect

from simulator.config import Config, ConfigError, is_loopback, read_config
from simulator.lines import OPENERS, PLAIN_REPLIES, REPLIES
from simulator.segments import count_parts
from simulator.server import make_server
from simulator.signature import sign, sign_json

ACCOUNT, TOKEN, OLD_TOKEN = "AC" + "a1" * 16, "a-token-of-the-tests", "the-token-before"
ANA, SENDER = "+573001112233", "+15005550006"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages"


@dataclass
class Heard:
    """One request that the stand-in for the product received."""

    url: str
    headers: dict[str, list[str]]
    fields: list[tuple[str, str]]
    at: float

    def __getitem__(self, name: str) -> str:
        return dict(self.fields)[name]

    @property
    def genuine(self) -> bool:
        return self.headers.get("x-twilio-signature") == [sign(TOKEN, self.url, self.fields)]


@dataclass
class Product:
    """A stand-in for the product: hears what the carrier posts, and answers as told (0: hang up)."""

    answers: list[int] = field(default_factory=list)
    heard: queue.Queue[Heard] = field(default_factory=queue.Queue)

    def next(self, seconds: float = 5.0) -> Heard:
        return self.heard.get(timeout=seconds)

    def hears_nothing_for(self, seconds: float) -> bool:
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def serve(self) -> ThreadingHTTPServer:
        product = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): self.headers.get_all(name) or [] for name in self.headers}
                fields = parse_qsl(body.decode(), keep_blank_values=True)
                product.heard.put(Heard(f"http://{self.headers['Host']}{self.path}", headers, fields, time.monotonic()))
                code = product.answers.pop(0) if product.answers else 204
                if code == 0:
                    self.close_connection = True
                    return
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        server = Server(("127.0.0.1", 0), Door)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100


@dataclass
class Carrier:
    """The running simulator, and the product it calls."""

    http: httpx.Client
    product: Product
    callback: str

    def send(self, to: str = ANA, body: str = "Hola", **more: object) -> httpx.Response:
        form = {"To": to, "From": SENDER, "Body": body, "StatusCallback": self.callback, **more}
        return self.http.post(
            f"{MESSAGES}.json", data={name: value for name, value in form.items() if value is not None}, auth=(ACCOUNT, TOKEN)
        )

    def get(self, path: str, **query: object) -> dict[str, object]:
        return self.http.get(path, params=query or None, auth=(ACCOUNT, TOKEN)).raise_for_status().json()

    def control(self, path: str, **body: object) -> dict[str, object]:
        return self.http.post(f"/_simulator/{path}", json=body).raise_for_status().json()

    def accepted(self, body: str) -> list[dict[str, object]]:
        return [row for row in self.get("/_simulator/accepted", limit=10_000)["accepted"] if row["body"] == body]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    product = Product()
    door = product.serve()
    base = f"http://127.0.0.1:{door.server_port}"
    config = Config(
        tmp_path_factory.mktemp("carrier"),
        ACCOUNT,
        TOKEN,
        port=free_port(),
        auth_token_old=OLD_TOKEN,
        public_url=base,
        sent_after=0.05,
        delivered_after=0.1,
    )
    with Running(config) as http:
        yield Carrier(http, product, f"{base}/receipt/7?x=a%20b")
    door.shutdown()


@pytest.fixture
def carrier(running: Carrier) -> Iterator[Carrier]:
    yield running
    running.http.delete("/_simulator/scenarios")
    running.http.post("/_simulator/resume")
    wait_for(lambda: running.get("/_simulator/health")["under_way"] == 0)
    running.product.answers.clear()
    running.product.heard.queue.clear()


class Running:
    """The simulator in a thread of this process."""

    def __init__(self, config: Config) -> None:
        self.server = make_server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{config.port}", trust_env=False, timeout=10)

    def __enter__(self) -> httpx.Client:
        self.thread.start()
        wait_for(lambda: self.server.started)
        return self.http

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.server.should_exit = True
        self.thread.join(5)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(found: Callable[[], object], seconds: float = 10) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


# --- signatures and segments ------------------------------------------------------------------------------------------

COMPANY = "https://mycompany.com/myapp.php?foo=1&bar=2"
DIGITS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
WILD = [
    ("MessageSid", "SM1"),
    ("Body", "héllo 👍 a+b&c=d "),
    ("MediaUrl0", "https://x/y?z=1"),
    ("From", "whatsapp:+14155552345"),
    ("body", "lower"),
    ("NumMedia", ""),
]


@pytest.mark.parametrize(
    ("url", "parameters", "algorithm", "signature"),
    [
        (COMPANY, DIGITS, "sha1", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (COMPANY, DIGITS, "sha256", "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="),
        (COMPANY.replace(".com", ".com:1234"), DIGITS, "sha1", "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
        ("https://h.example/t/7/sms", WILD, "sha1", "LkG/lwJc7awdcwND+ttHDdPwL/M="),
        ("https://h.example/x", [("A", "2"), ("A", "1"), ("A", "1"), ("B", "3")], "sha1", "ULEblBtY7y7x76JedGxjhHL6dSU="),
        ("https://h.example/x?From=%2B1415&Body=a%20b", [], "sha1", "RZscaZJBvX7TXQKPjZ4KLEe41tU="),
    ],
)
def test_signature_vectors(url: str, parameters: list[tuple[str, str]], algorithm: str, signature: str) -> None:
    assert sign("12345", url, parameters, algorithm) == signature


def test_signature_of_a_json_body() -> None:
    url, signature = sign_json("12345", COMPANY, b'{"property": "value", "boolean": true}')
    assert url.endswith("&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620")
    assert signature == "a9nBmqA0ju/hNViExpshrM61xv4="


@pytest.mark.parametrize(
    ("text", "count", "encoding"),
    [
        ("", 1, "GSM-7"),
        ("ñé à Ç @\n" + "a" * 151, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),
        ("€" * 81, 2, "GSM-7"),
        ("€" * 152, 2, "GSM-7"),
        ("€" * 153, 3, "GSM-7"),  # 306 units, but a pair never straddles a boundary: 152, 152, 2
        ("á" * 70, 1, "UCS-2"),
        ("ç" + "a" * 70, 2, "UCS-2"),
        ("á" * 134, 2, "UCS-2"),
        ("á" * 135, 3, "UCS-2"),
        ("👍" * 35, 1, "UCS-2"),
        ("👍" * 67, 3, "UCS-2"),
    ],
)
def test_segments(text: str, count: int, encoding: str) -> None:
    parts = count_parts(text)
    assert (parts.count, parts.encoding) == (count, encoding)


# --- REST -------------------------------------------------------------------------------------------------------------


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


# --- receipts ---------------------------------------------------------------------------------------------------------


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


# --- scenarios --------------------------------------------------------------------------------------------------------


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


# --- clients' words ---------------------------------------------------------------------------------------------------


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


# --- durability and start ---------------------------------------------------------------------------------------------


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "TRATO_VAR": str(folder), "SIMULATOR_PORT": str(port), "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN, "SIMULATOR_SENT_AFTER": "0.5", "SIMULATOR_DELIVERED_AFTER": "0.6", **more,
    }  # fmt: skip


def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path, carrier: Carrier) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "simulator"]
    with httpx.Client(base_url=address, trust_env=False, timeout=10) as http:
        child = subprocess.Popen(command, env=environment(tmp_path, port))
        try:
            wait_for(lambda: is_up(http))
            http.post("/_simulator/clients", json=[{"name": "Ana", "number": ANA, "lines": ["Hola"]}]).raise_for_status()
            form = {"To": ANA, "From": SENDER, "StatusCallback": carrier.callback}
            sids = [http.post(f"{MESSAGES}.json", data={**form, "Body": f"k{n}"}, auth=(ACCOUNT, TOKEN)).json()["sid"] for n in range(20)]
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        child = subprocess.Popen(command, env=environment(tmp_path, port))
        try:
            wait_for(lambda: is_up(http))
            assert [row["sid"] for row in http.get("/_simulator/accepted").json()["accepted"]] == sids
            # Their course goes on where it was cut off.
            assert {carrier.product.next()["MessageSid"] for _ in range(40)} == set(sids)
            child.send_signal(signal.SIGTERM)
            assert child.wait(5) == -signal.SIGTERM
        finally:
            child.kill()
            child.wait()


def is_up(http: httpx.Client) -> bool:
    try:
        return http.get("/_simulator/health").is_success
    except httpx.TransportError:
        return False


def test_settings_come_from_the_environment_and_the_launchers_files(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(f'{{"TWILIO_ACCOUNT_SID": "{ACCOUNT}", "TWILIO_AUTH_TOKEN": "left"}}')
    (tmp_path / "running.json").write_text('{"PUBLIC_URL": "http://127.0.0.1:9/", "SIMULATOR_PORT": "8199"}')
    config = read_config({"TRATO_VAR": str(tmp_path), "TWILIO_AUTH_TOKEN": "given", "DEMO": "1"})
    assert (config.account_sid, config.auth_token, config.port, config.public_url) == (ACCOUNT, "given", 8199, "http://127.0.0.1:9")
    assert config.trickle
    assert "given" not in repr(replace(config, auth_token_old="given"))
    for wrong, name in (
        ({"PUBLIC_URL": "https://trato.example"}, "PUBLIC_URL"),
        ({"SIMULATOR_PORT": "x"}, "SIMULATOR_PORT"),
        ({"SIMULATOR_SEED": "x"}, "SIMULATOR_SEED"),
    ):
        with pytest.raises(ConfigError, match=name):
            read_config({"TRATO_VAR": str(tmp_path), **wrong})
    with pytest.raises(ConfigError, match="TWILIO_ACCOUNT_SID"):
        read_config({"TRATO_VAR": str(tmp_path / "nowhere")})


# --- clients who write on their own -------------------------------------------------------------------------------------


def test_clients_write_and_answer_on_their_own_without_flooding(tmp_path: Path) -> None:
    product = Product()
    door = product.serve()
    quick = {"sent_after": 0.0, "delivered_after": 0.0, "trickle_every": (0.01, 0.02), "reply_after": (0.1, 0.1), "reply_probability": 1.0}
    config = Config(
        tmp_path, ACCOUNT, TOKEN, port=free_port(), public_url=f"http://127.0.0.1:{door.server_port}", trickle=True, seed=3, **quick
    )
    with Running(config) as http:
        carrier = Carrier(http, product, "")
        assert product.hears_nothing_for(0.2)  # nobody is known yet
        people = [{"name": f"C{n}", "number": f"+57300000000{n}", "lines": ["¿Cuánto debo?"]} for n in range(3)]
        http.post("/_simulator/clients", json=people).raise_for_status()
        said = [product.next() for _ in range(3)]
        assert {row["From"] for row in said} == {person["number"] for person in people}
        assert {row["Body"] for row in said} == {"¿Cuánto debo?"}
        assert product.hears_nothing_for(0.3)  # whoever spoke last waits for an answer
        carrier.control("trickle", on=False)
        carrier.send(to="+573000000001", StatusCallback=None)
        assert product.hears_nothing_for(0.3)
        carrier.control("trickle", on=True)
        carrier.send(to="+573000000002", body="Puede pagar en dos cuotas", StatusCallback=None)
        heard = {product.next()["From"], product.next()["From"]}
        assert heard == {"+573000000001", "+573000000002"}
    door.shutdown()


def test_small_talk_holds_no_word_of_opting_out() -> None:
    lines = [*OPENERS, *PLAIN_REPLIES, *(line for _, group in REPLIES for line in group)]
    words = "stop\\w* unsubscribe cancel\\w* end quit revoke optout start unstop yes help info baja alto parar pare salir no\\sm[aá]s ayuda"
    opting = re.compile(rf"\b({'|'.join(words.split())})\b", re.IGNORECASE)
    assert [line for line in lines if opting.search(line)] == []
    assert len(set(lines)) == len(lines) > 40
    assert all(count_parts(line).count <= 2 for line in lines)


# --- the phone page -----------------------------------------------------------------------------------------------------


async def test_a_person_plays_a_client_on_the_phone(carrier: Carrier, browser: Browser) -> None:
    rosa = "+573004445566"
    known = [{"name": "Rosa Martínez", "number": rosa, "lines": ["¿Puedo pagar el viernes?"]}]
    assert carrier.http.post("/_simulator/clients", json=known).json() == {"clients": 1}
    complaints: list[str] = []
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(str(carrier.http.base_url))

    await page.get_by_role("searchbox").fill("rosa")
    await page.get_by_role("link", name="Rosa Martínez").click()
    await expect(page.get_by_role("heading", name="Rosa Martínez")).to_be_visible()
    await page.get_by_label("Mensaje de texto").fill("Hola <b>Trato</b> & compañía")
    await page.keyboard.press("Enter")
    mine = page.locator(".bubble.mine")
    await expect(mine).to_contain_text(["Hola <b>Trato</b> & compañía"])
    await expect(mine.first).to_contain_text("Recibido por Trato")
    assert carrier.product.next()["Body"] == "Hola <b>Trato</b> & compañía"

    await page.get_by_label("Mensaje de texto").fill("un borrador")
    carrier.send(to=rosa, body="Claro que sí, Rosa")
    theirs = page.locator(".bubble.theirs")
    await expect(theirs).to_contain_text(["Claro que sí, Rosa"])
    await expect(theirs).to_contain_text(["Entregado"])
    await expect(page.get_by_label("Mensaje de texto")).to_have_value("un borrador")
    await expect(page.get_by_label("Mensaje de texto")).to_be_focused()

    await page.get_by_role("button", name="¿Puedo pagar el viernes?").click()
    await expect(mine).to_contain_text(["Hola", "¿Puedo pagar el viernes?"])

    await page.get_by_role("button", name="Saturado").click()
    await expect(page.get_by_role("button", name="Saturado")).to_have_attribute("aria-pressed", "true")
    assert carrier.send(to=ANA, StatusCallback=None).status_code == 201
    assert carrier.send(to=rosa, StatusCallback=None).status_code == 429
    assert carrier.send(to=rosa, StatusCallback=None).status_code == 201

    await page.get_by_role("searchbox").fill("+57 300 999 0077")
    await page.get_by_role("link", name="Escribir desde +573009990077").click()
    await expect(page.get_by_text("Todavía no hay mensajes.")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Rosa Martínez")).to_be_visible()
    await page.close()
    assert complaints == []
