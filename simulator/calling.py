"""Calls to the product: signed form posts under Twilio's time limits and retry rules, to this machine only."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlencode

import httpx

from simulator.config import Config, is_loopback
from simulator.records import Attempt
from simulator.signature import sign
from simulator.store import Store

Parameters = Sequence[tuple[str, str]]
FIRST_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Rules:
    """How one URL is called: connect, read and total time in seconds, retries, and what is retried."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retry(self, outcome: str) -> bool:
        """Whether an outcome (``ct``, ``rt``, ``4xx``, ``5xx``, ``ok``) is worth another try under this policy."""
        return outcome != "ok" and (outcome in self.policy or "all" in self.policy)


def read_rules(fragment: str) -> Rules:
    """Twilio's connection overrides, e.g. ``rc=3&rp=4xx,5xx``; values out of range or unknown keep the default."""
    given = dict(parse_qsl(fragment))

    def number(name: str, low: int, high: int, default: int) -> int:
        text = given.get(name, "")
        return int(text) if text.isdecimal() and low <= int(text) <= high else default

    policy = frozenset(given.get("rp", "ct").split(",")) & {"4xx", "5xx", "ct", "rt", "all"}
    return Rules(
        connect=number("ct", 100, 10_000, 5_000) / 1000,
        read=number("rt", 100, 15_000, 15_000) / 1000,
        total=number("tt", 100, 15_000, 15_000) / 1000,
        retries=number("rc", 0, 5, 1),
        policy=policy or frozenset({"ct"}),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """One webhook. `forge` is how its proof is spoilt: ``""``, signature, body, token, missing, double, old_token or fragment."""

    kind: str
    sid: str
    word: str
    url: str
    parameters: Parameters
    forge: str = ""


class Caller:
    """Makes the calls and notes each attempt. While paused, receipts wait."""

    def __init__(self, config: Config, store: Store) -> None:
        self._config = config
        self._store = store
        self._rng = random.Random(config.seed)
        self._going = asyncio.Event()
        self._going.set()
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=2.0)
        self._http = httpx.AsyncClient(trust_env=False, follow_redirects=False, limits=limits, headers={"User-Agent": "TwilioProxy/1.1"})

    async def close(self) -> None:
        """Close all connections to the product."""
        await self._http.aclose()

    @property
    def paused(self) -> bool:
        """Whether receipts are being held back."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Hold receipts back from now on."""
        self._going.clear()

    def resume(self) -> None:
        """Let the receipts go that were held back."""
        self._going.set()

    async def call_when_going(self, call: Call) -> list[int | None]:
        """Like `call`, but waits while paused."""
        await self._going.wait()
        return await self.call(call)

    async def call(self, call: Call, token: str | None = None) -> list[int | None]:
        """Post the webhook, retry by the rules in its fragment, and return the status of every attempt (None: no answer).

        All attempts carry the same ``I-Twilio-Idempotency-Token``: `token`, or a new one.
        """
        url, fragment = urldefrag(call.url)
        token = token or str(uuid.uuid4())
        if not is_loopback(url):
            self._note(call, 1, token, None, "refused: not on this machine")
            return [None]
        rules, codes = read_rules(fragment), list[int | None]()
        deadline = asyncio.get_running_loop().time() + rules.total
        for number in range(1, rules.retries + 2):
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            code, outcome, error = await self._try(call, url, rules, left, token)
            self._note(call, number, token, code, error)
            codes.append(code)
            if not rules.retry(outcome):
                break
            await asyncio.sleep(FIRST_PAUSE * 2 ** (number - 1) * self._rng.uniform(0.8, 1.2))
        return codes

    async def _try(self, call: Call, url: str, rules: Rules, left: float, token: str) -> tuple[int | None, str, str | None]:
        body, headers = self._sealed(call, url)
        headers.append(("I-Twilio-Idempotency-Token", token))
        limits = httpx.Timeout(rules.read, connect=rules.connect)
        try:
            async with asyncio.timeout(left):
                answer = await self._http.post(url, content=body, headers=headers, timeout=limits)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            return None, "ct", type(error).__name__
        except (httpx.HTTPError, TimeoutError) as error:
            return None, "rt", type(error).__name__
        code = answer.status_code
        return code, "4xx" if 400 <= code < 500 else "5xx" if code >= 500 else "ok", None

    def _sealed(self, call: Call, url: str) -> tuple[bytes, list[tuple[str, str]]]:
        parameters = list(call.parameters)
        token = self._config.auth_token
        if call.forge == "token":
            token = uuid.uuid4().hex
        elif call.forge == "old_token":
            token = self._config.auth_token_old
        signature = sign(token, call.url if call.forge == "fragment" else url, parameters)
        if call.forge == "signature":
            signature = sign(uuid.uuid4().hex, "https://elsewhere.example/", parameters)
        if call.forge == "body":
            parameters = [(name, value + " " if name in ("Body", "MessageStatus") else value) for name, value in parameters]
        headers = [("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"), ("Accept", "*/*")]
        if call.forge != "missing":
            headers += [("X-Twilio-Signature", signature)] * (2 if call.forge == "double" else 1)
        return urlencode(parameters, encoding="utf-8", errors="surrogatepass").encode(), headers

    def _note(self, call: Call, number: int, token: str, code: int | None, error: str | None) -> None:
        self._store.log(Attempt(call.kind, call.sid, call.word, call.url, number, token, code, error, call.forge, time.time()))
