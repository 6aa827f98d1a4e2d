"""Guards the carrier's doors: only a request signed with our carrier account's token passes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from channels.contract import Forged, WebhookRequest
from channels.forms import read_form

SIGNATURE_HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
FORM = "application/x-www-form-urlencoded"
BODY_HASH = b"bodySHA256"
DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
DEFAULT_PORTS = {"https": 443, "http": 80}


def check_signature(request: WebhookRequest, base_url: str, tokens: Sequence[str]) -> None:
    """Raise `Forged` unless one of `tokens` signed exactly this request to the public address `base_url`.

    The address comes from our settings, never from the request's Host or X-Forwarded headers. Source: the carrier's rules for
    ``X-Twilio-Signature``; it signs with or without the port, so both are compared. The scheme joins names and values without a
    separator, so a caller must still judge each field by itself.
    """
    given = _only(request, SIGNATURE_HEADER).encode("utf-8", "backslashreplace")
    digest = _digest(request)
    params = _signed_params(request)
    genuine = False
    for base in _public_bases(base_url):
        for token in filter(None, tokens):
            expected = signature(base + _target(request), params, token, digest)
            genuine |= hmac.compare_digest(expected.encode(), given)
    if not genuine:
        raise Forged("The signature does not match.")


def signature(url: str, params: Iterable[tuple[bytes, bytes]], token: str, digest: str = "sha1") -> str:
    """The base64 signature of a URL and form parameters; doubled pairs count once, names and values are ordered by their bytes."""
    signed = url.encode("utf-8", "backslashreplace") + b"".join(name + value for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(token.encode(), signed, digest).digest()).decode()


def _only(request: WebhookRequest, name: str) -> str:
    values = request.header(name)
    if len(values) != 1:
        raise Forged(f"The request has {len(values)} {name} headers instead of one.")
    return values[0]


def _digest(request: WebhookRequest) -> str:
    """The algorithm that the carrier names beside a signature; none named means SHA-1."""
    if not request.header(SETTINGS_HEADER):
        return "sha1"
    pairs = [part.partition("=") for part in _only(request, SETTINGS_HEADER).split(",")]
    named = [value.strip().upper() for name, _, value in pairs if name.strip() == "algorithm" and value.strip()] or ["HMAC_SHA1"]
    if len(named) != 1 or named[0] not in DIGESTS:
        raise Forged("The request names no signature algorithm that we know.")
    return DIGESTS[named[0]]


def _signed_params(request: WebhookRequest) -> list[tuple[bytes, bytes]]:
    """What of the body is signed beside the URL. A body that the signature does not cover is forged."""
    if not request.body:
        return []
    if _content_type(request) == FORM:
        return read_form(request.body)
    _check_body_hash(request)
    return []


def _content_type(request: WebhookRequest) -> str:
    values = request.header("content-type")
    return values[0].partition(";")[0].strip().lower() if len(values) == 1 else ""


def _check_body_hash(request: WebhookRequest) -> None:
    """A body that is no form is covered only through its hash in the signed URL."""
    hashes = [value for name, value in read_form(request.query.encode("utf-8", "backslashreplace")) if name == BODY_HASH]
    actual = hashlib.sha256(request.body).hexdigest().encode()
    if len(hashes) != 1 or not hmac.compare_digest(hashes[0], actual):
        raise Forged("The body is no form and its hash is not in the signed address.")


def _target(request: WebhookRequest) -> str:
    return f"{request.path}?{request.query}" if request.query else request.path


def _public_bases(base_url: str) -> tuple[str, str]:
    """Our public address without and with its port."""
    parts = urlsplit(base_url.rstrip("/"))
    port = parts.port or DEFAULT_PORTS.get(parts.scheme, 443)
    bare = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc.removesuffix(":")
    return f"{parts.scheme}://{bare}{parts.path}", f"{parts.scheme}://{bare}:{port}{parts.path}"
