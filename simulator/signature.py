"""Twilio's request signature, computed on its own here so that both sides of the wire check each other."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(token: str, url: str, parameters: Iterable[tuple[str, str]] = (), algorithm: str = "sha1") -> str:
    """The base64 HMAC over the exact URL followed by name and value of every parameter, names sorted bytewise.

    A repeated parameter counts with its distinct values, sorted. `url` must be what goes over the wire: callers drop the fragment.
    """
    values: dict[str, set[str]] = {}
    for name, value in parameters:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values, key=_as_bytes) for value in sorted(values[name], key=_as_bytes))
    digest = hmac.new(_as_bytes(token), _as_bytes(text), algorithm).digest()
    return base64.b64encode(digest).decode()


def sign_json(token: str, url: str, body: bytes) -> tuple[str, str]:
    """URL and signature for a JSON body: the body is bound to the URL by ``bodySHA256``, and only the URL is signed."""
    joiner = "&" if "?" in url else "?"
    bound = f"{url}{joiner}bodySHA256={hashlib.sha256(body).hexdigest()}"
    return bound, sign(token, bound)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
