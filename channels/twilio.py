"""Twilio's REST API, one call at a time: no call is ever repeated here, and every failure says whether it may be."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from channels.contract import Accepted, CarrierError, Refused, SendFailed, Timeouts, TryAgain, Unconfirmed
from channels.twilio_words import OUR_KEYS, count_of, error_of, is_message_id, pause_of

log = logging.getLogger(__name__)

PAGE_SIZE = 500
MAX_PAGES = 1000
MAX_PAUSE = 3600.0
# Shorter than any server keeps an idle connection: a request written to one that is just closing ends unconfirmed.
KEEP_ALIVE = 3.0
# What can come after the first byte left; none of it tells whether the carrier took the request.
UNCLEAR = (aiohttp.ClientError, OSError, TimeoutError, ValueError, LookupError)
NEVER_OPENED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire."""

    status: int
    headers: Mapping[str, str]
    text: str

    def fields(self) -> dict[str, Any]:
        """The JSON object in the answer, or nothing where there is none."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class TwilioApi:
    """The messages of one carrier account. Belongs to the event loop of its first call."""

    def __init__(self, account: str, token: str, api_url: str, timeouts: Timeouts) -> None:
        self._account = account
        self._token = token
        self._api_url = api_url
        self._timeouts = timeouts
        self._client: Client | None = None
        self._messages = f"/2010-04-01/Accounts/{account}/Messages.json"

    async def create_message(self, form: Mapping[str, str]) -> Accepted:
        """Hand over one message, once. Raises `TryAgain`, `Refused` or `Unconfirmed`."""
        try:
            answer = await self._request("POST", self._messages, data=dict(form))
        except NEVER_OPENED as error:
            raise TryAgain(f"The carrier could not be reached: {error}") from error
        except UNCLEAR as error:
            raise Unconfirmed(f"No clear answer came from the carrier: {type(error).__name__} {error}") from error
        return _accepted(answer)

    async def pages(self) -> AsyncIterator[list[dict[str, Any]]]:
        """The carrier's message list, page by page, newest first. Raises `TryAgain` or `Refused`.

        No filter on the date of sending: a message that the carrier holds in its queue has none yet, and it is exactly what
        a reconciler looks for.
        """
        target: str | None = f"{self._messages}?PageSize={PAGE_SIZE}"
        seen: set[str] = set()
        while target is not None:
            if target in seen or not target.startswith(self._messages) or len(seen) >= MAX_PAGES:
                raise TryAgain("The carrier's message list does not end.")
            seen.add(target)
            page = await self._page(target)
            yield [row for row in page["messages"] if isinstance(row, dict)]
            target = page.get("next_page_uri") or None

    async def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.http_client.close()

    async def _page(self, target: str) -> dict[str, Any]:
        try:
            answer = await self._request("GET", target)
        except UNCLEAR as error:
            raise TryAgain(f"The carrier's message list could not be read: {type(error).__name__} {error}") from error
        page = answer.fields()
        if answer.status != 200:
            raise _failure(answer, or_else=TryAgain(f"The carrier's message list answered with status {answer.status}."))
        if not isinstance(page.get("messages"), list) or not isinstance(page.get("next_page_uri"), str | None):
            raise TryAgain("The carrier's message list cannot be read.")
        return page

    async def _request(self, method: str, target: str, data: dict[str, str] | None = None) -> Answer:
        """One request, one answer. The library's own methods hide the headers, and with them Retry-After."""
        if self._client is None:
            self._client = self._connect()
        response = await self._client.api.request_async(method, target, data=data)
        return Answer(response.status_code, response.headers, response.text)

    def _connect(self) -> Client:
        # A region in the process's environment would rewrite the host: the library reads os.environ unless given something.
        environment = {"TWILIO_REGION": ""}
        client = Client(self._account, self._token, http_client=_BoundedHttp(self._timeouts), environment=environment)
        client.api.base_url = self._api_url
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
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request within the session's limits; a time-out of the library's own (it never gives one) is not asked for."""
        proof = {"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}
        sent = self._session.request(
            method, url, params=params, data=data, headers={**(headers or {}), **proof}, allow_redirects=allow_redirects
        )
        async with sent as response:
            return Response(response.status, await response.text(errors="replace"), response.headers)

    async def close(self) -> None:
        await self._session.close()


def _accepted(answer: Answer) -> Accepted:
    if not 200 <= answer.status < 300:
        raise _failure(answer, or_else=Unconfirmed(f"The carrier answered with status {answer.status}."))
    fields = answer.fields()
    sid = fields.get("sid")
    if not isinstance(sid, str) or not is_message_id(sid):
        raise Unconfirmed("The carrier's answer has no message id.")
    return Accepted(sid, count_of(fields.get("num_segments")) or None)


def _failure(answer: Answer, or_else: SendFailed) -> SendFailed:
    """What an answer that is no success means; `or_else` where it does not say that nothing was done."""
    if answer.status == 429:
        return TryAgain("The carrier asks us to slow down.", retry_after(answer.headers.get("Retry-After")))
    # 408 is said by whatever stands before the carrier when it gave up waiting: it does not say that nothing was done.
    if not 400 <= answer.status < 500 or answer.status == 408:
        return or_else
    code = str(answer.fields().get("code") or "")
    if pause_of(code):
        return TryAgain(error_of(code).reason, pause_of(code))
    if answer.status == 401:
        return Refused(CarrierError(code or "http-401", OUR_KEYS.reason))
    return Refused(error_of(code or f"http-{answer.status}"))


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
