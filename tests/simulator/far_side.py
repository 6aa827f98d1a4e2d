"""The simulated carrier in a thread of this process, and a stand-in for the product that hears what it posts."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import httpx

from simulator.config import Config
from simulator.server import make_server
from simulator.signature import sign

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
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)

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

            def do_GET(self) -> None:
                kind, content = product.media.get(self.path, ("text/plain", b""))
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

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

    def send_whatsapp(self, to: str = ANA, body: str | None = "Hola", **more: object) -> httpx.Response:
        return self.send(f"whatsapp:{to}", body or "", From=f"whatsapp:{SENDER}", **more)  # type: ignore[arg-type]

    def heard_of(self, sid: str, words: int) -> list[str]:
        """The next receipts of one message, by their word."""
        found = list[str]()
        while len(found) < words:
            heard = self.product.next()
            if heard["MessageSid"] == sid and "MessageStatus" in dict(heard.fields):
                found.append(heard["MessageStatus"] + (f" {heard['ErrorCode']}" if "ErrorCode" in dict(heard.fields) else ""))
        return found

    def template(self, types: dict[str, object], status: str = "approved", **variables: str) -> str:
        """A template that stands at some point of its review."""
        sid = str(self.content("post", "/v1/Content", language="es", types=types, variables=variables).json()["sid"])
        self.control(f"templates/{sid}", status=status)
        return sid

    def content(self, verb: str, path: str, **body: object) -> httpx.Response:
        return self.http.request(verb, path, json=body or None, auth=(ACCOUNT, TOKEN))

    def get(self, path: str, **query: object) -> dict[str, object]:
        return self.http.get(path, params=query or None, auth=(ACCOUNT, TOKEN)).raise_for_status().json()

    def control(self, path: str, **body: object) -> dict[str, object]:
        return self.http.post(f"/_simulator/{path}", json=body).raise_for_status().json()

    def accepted(self, body: str) -> list[dict[str, object]]:
        return [row for row in self.get("/_simulator/accepted", limit=10_000)["accepted"] if row["body"] == body]


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


def wait_for(found: Callable[[], object], seconds: float = 10) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")
