"""Fetches what clients attached: our keys go to the carrier alone, nothing inside our own network is asked, and nothing grows without end."""

from __future__ import annotations

import base64
import ipaddress
import socket
from typing import Any

import aiohttp
from yarl import URL

from base.words import N_
from channels.contract import CarrierError, Fetched, Refused, Timeouts, TryAgain
from channels.twilio_http import NEVER_OPENED, UNCLEAR, failure

CHUNK = 64 * 1024
MOVED = (301, 302, 303, 307, 308)
CARRIERS_DOMAIN = ".twilio.com"
# Carriers keep files at a slower pace than they answer calls.
LONGEST_SECONDS = 60.0
NOT_THEIRS = CarrierError("media-host", N_("The attachment is not kept by the carrier, so it was not fetched."))
TOO_LARGE = CarrierError("media-size", N_("The attachment is larger than what we keep."))
GONE = CarrierError("media-gone", N_("The carrier no longer keeps the attachment."))
PACKED = CarrierError("media-encoding", N_("The carrier sent the attachment in a form that we cannot read."))


class TwilioMedia:
    """The attachments of one carrier account. `live` is False with the simulator: then only this machine is asked, else never."""

    def __init__(self, account: str, token: str, api_url: str, timeouts: Timeouts, *, live: bool) -> None:
        self._proof = "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
        self._api = URL(api_url)
        self._live = live
        self._timeout = aiohttp.ClientTimeout(
            total=max(timeouts.total, LONGEST_SECONDS), connect=timeouts.connect, sock_read=timeouts.total
        )

    async def fetch(self, url: str, most_bytes: int) -> Fetched:
        """The bytes of one attachment. Raises `TryAgain`, or `Refused` where it is gone, larger than `most_bytes` or not the carrier's."""
        target = _parsed(url)
        if target is None or not self._is_carriers(target):
            raise Refused(NOT_THEIRS)
        try:
            async with self._session() as session:
                return await self._fetched(session, target, most_bytes)
        except NEVER_OPENED as error:
            if isinstance(getattr(error, "os_error", None), _NotAllowed):
                raise Refused(NOT_THEIRS) from error
            raise TryAgain(f"The attachment's keeper could not be reached: {type(error).__name__}") from error
        except UNCLEAR as error:
            # An address is not told: whoever knows it may be able to read the file.
            raise TryAgain(f"The attachment could not be read: {type(error).__name__}") from error

    async def _fetched(self, session: aiohttp.ClientSession, target: URL, most_bytes: int) -> Fetched:
        async with session.get(target, headers={"Authorization": self._proof}, allow_redirects=False) as answer:
            if answer.status not in MOVED:
                return await _read(answer, most_bytes)
            location = _parsed(answer.headers.get("Location", ""))
        elsewhere = target if location is None else target.join(location)
        if elsewhere == target or not self._may_follow(elsewhere):
            raise Refused(NOT_THEIRS)
        async with session.get(elsewhere, allow_redirects=False) as answer:
            if answer.status in MOVED:
                raise Refused(NOT_THEIRS)
            return await _read(answer, most_bytes)

    def _is_carriers(self, url: URL) -> bool:
        """Whether our keys may be shown there."""
        if not self._may_follow(url):
            return False
        same = (url.scheme, url.host, url.port) == (self._api.scheme, self._api.host, self._api.port)
        return same or (self._live and url.port == 443 and str(url.host).endswith(CARRIERS_DOMAIN))

    def _may_follow(self, url: URL) -> bool:
        schemes = ("https",) if self._live else ("http", "https")
        return url.scheme in schemes and bool(url.host) and url.user is None and url.password is None

    def _session(self) -> aiohttp.ClientSession:
        """One for each attachment: they are few, and none of their connections is worth keeping."""
        return aiohttp.ClientSession(
            timeout=self._timeout,
            connector=aiohttp.TCPConnector(force_close=True, use_dns_cache=False, socket_factory=self._open_socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            # What is unpacked on the way could be a thousand times larger than what was counted.
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
        )

    def _open_socket(self, info: Any) -> socket.socket:  # noqa: ANN401 - what getaddrinfo gives
        """The last moment before a connection: whatever a name meant when it was looked at, this is where it leads."""
        family, kind, protocol, _, place = info
        if not (is_public if self._live else is_own)(str(place[0])):
            raise _NotAllowed("This place is not asked for attachments.")
        return socket.socket(family, kind, protocol)


class _NotAllowed(OSError):
    """A connection that would lead where attachments are never kept."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, in whatever other address it may be wrapped."""
    ip = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
    return ip.is_global and not ip.is_multicast


def is_own(address: str) -> bool:
    """Whether an IP address is this machine itself."""
    return _unwrapped(ipaddress.ip_address(address.partition("%")[0])).is_loopback


def _unwrapped(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.IPv4Address(ip.packed[-4:])
    return inner or ip


def _parsed(text: str) -> URL | None:
    """An address as the library that calls it reads it, so that nobody is asked but whom we looked at."""
    try:
        url = URL(text)
        return url if url.port != 0 else None
    except ValueError:
        return None


async def _read(answer: aiohttp.ClientResponse, most_bytes: int) -> Fetched:
    if answer.status != 200:
        raise _refused(answer)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Refused(PACKED)
    if (answer.content_length or 0) > most_bytes:
        raise Refused(TOO_LARGE)
    content = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK):
        content += chunk
        if len(content) > most_bytes:
            raise Refused(TOO_LARGE)
    return Fetched(bytes(content), answer.headers.get("Content-Type", "").partition(";")[0].strip().lower())


def _refused(answer: aiohttp.ClientResponse) -> Exception:
    if answer.status in (403, 404, 410):
        return Refused(GONE)
    return failure(answer.status, answer.headers, "", or_else=TryAgain(f"The attachment's keeper answered with status {answer.status}."))
