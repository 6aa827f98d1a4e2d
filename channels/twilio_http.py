"""The wire to Twilio: one bounded request, one answer, and what an answer that is no success means."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from channels.contract import CarrierError, Refused, SendFailed, Timeouts, TryAgain
from channels.twilio_words import OUR_KEYS, error_of, pause_of

log = logging.getLogger(__name__)

MAX_PAUSE = 3600.0
# Shorter than any server keeps an idle connection: a request written to one that is just closing ends unconfirmed.
KEEP_ALIVE = 3.0
# What can come after the first byte left; none of it tells whether the carrier took the request.
UNCLEAR = (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError)
NEVER_OPENED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
AS_JSON = {"Content-Type": "application/json"}

Form = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def good(self) -> bool:
        """Whether the carrier did what it was asked."""
        return 200 <= self.status < 300

    def fields(self) -> dict[str, Any]:
        """The JSON object in the answer, or nothing where there is none."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class TwilioWire:
    """One carrier account over the carrier's own library. Belongs to the event loop of its first call."""

    def __init__(self, account: str, token: str, base_url: str, timeouts: Timeouts) -> None:
        self.account = account
        self._token = token
        self._base_url = base_url
        self._timeouts = timeouts
        self._client: Client | None = None

    async def get(self, target: str) -> Answer:
        """Read; `target` is a path with its query."""
        return await self._request("GET", target)

    async def post(self, target: str, form: Form) -> Answer:
        """Post a form; a name may stand in it several times."""
        return await self._request("POST", target, data=list(form))

    async def post_json(self, target: str, body: Mapping[str, Any]) -> Answer:
        """Post a JSON object."""
        return await self._request("POST", target, data=dict(body), headers=dict(AS_JSON))

    async def delete(self, target: str) -> Answer:
        """Remove what stands at a path."""
        return await self._request("DELETE", target)

    async def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.http_client.close()

    async def _request(self, method: str, target: str, **more: Any) -> Answer:  # noqa: ANN401 - passed on as it is
        """One request, one answer. The library's own methods hide the headers, and with them Retry-After."""
        if self._client is None:
            self._client = self._connect()
        response = await self._client.api.request_async(method, target, **more)
        return Answer(response.status_code, response.headers, response.text)

    def _connect(self) -> Client:
        # A region in the process's environment would rewrite the host: the library reads os.environ unless given something.
        environment = {"TWILIO_REGION": ""}
        client = Client(self.account, self._token, http_client=_BoundedHttp(self._timeouts), environment=environment)
        client.api.base_url = self._base_url
        return client


class _BoundedHttp(AsyncHttpClient):  # type: ignore[misc]
    """The library's door to the network. Its own one has no time limit at all, logs people's numbers and keeps the last text."""

    def __init__(self, timeouts: Timeouts) -> None:
        super().__init__(log, is_async=True, timeout=timeouts.total)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeouts.total, connect=timeouts.connect),
            connector=aiohttp.TCPConnector(keepalive_timeout=KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Form | Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request within the session's limits; a time-out of the library's own (it never gives one) is not asked for."""
        proof = {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}
        # Escaped, so that no letter of another script depends on what the other side believes of encodings.
        body = json.dumps(data) if isinstance(data, Mapping) else data
        sent = self._session.request(
            method, url, params=params, data=body, headers={**(headers or {}), **proof}, allow_redirects=allow_redirects
        )
        async with sent as response:
            return Response(response.status, await response.text(errors="replace"), response.headers)

    async def close(self) -> None:
        await self._session.close()


def failure(status: int, headers: Mapping[str, str], code: str, or_else: SendFailed) -> SendFailed:
    """What an answer that is no success means; `or_else` where it does not say that nothing was done."""
    if status == 429:
        return TryAgain("The carrier asks us to slow down.", retry_after(headers.get("Retry-After")))
    # 408 is said by whatever stands before the carrier when it gave up waiting: it does not say that nothing was done.
    if not 400 <= status < 500 or status == 408:
        return or_else
    if pause_of(code):
        return TryAgain(error_of(code).reason, pause_of(code))
    if status == 401:
        return Refused(CarrierError(code or "http-401", OUR_KEYS.reason))
    return Refused(error_of(code or f"http-{status}"))


def failure_of(answer: Answer, or_else: SendFailed) -> SendFailed:
    """The same for an answer of the API, whose JSON names the error's code."""
    return failure(answer.status, answer.headers, str(answer.fields().get("code") or ""), or_else)


def retry_after(value: str | None, default: float = 1.0) -> float:
    """Seconds to wait by a Retry-After header (seconds or a date), between a tenth of a second and an hour."""
    text = (value or "").strip()
    seconds = float(text[:9]) if text.isascii() and text.isdecimal() else _seconds_until(text, default)
    return min(max(seconds, 0.1), MAX_PAUSE)


def _seconds_until(date: str, default: float) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return default
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
