"""Links by which a carrier fetches a file that we send: signed, short-lived, and of no use for any other file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from base.settings import Settings

VALID_FOR = timedelta(hours=24)
_SIGNED = 16 + 6
_PROOF = 16


def attachment_url(settings: Settings, attachment: UUID, now: datetime) -> str:
    """The public address of an outbound attachment, good for `VALID_FOR`."""
    told = attachment.bytes + int((now + VALID_FOR).timestamp()).to_bytes(6, "big")
    token = base64.urlsafe_b64encode(told + _proof(settings, told)).rstrip(b"=").decode()
    return f"{settings.public_url}/m/{token}"


def attachment_in(settings: Settings, token: str, now: datetime) -> UUID | None:
    """The attachment that a token names; None where it is forged, altered or too old."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    told, proof = raw[:_SIGNED], raw[_SIGNED:]
    if len(raw) != _SIGNED + _PROOF or not hmac.compare_digest(proof, _proof(settings, told)):
        return None
    return UUID(bytes=told[:16]) if int.from_bytes(told[16:], "big") >= now.timestamp() else None


def _proof(settings: Settings, told: bytes) -> bytes:
    """A key of its own for these links: what signs them signs nothing else."""
    key = hmac.digest(settings.session_key.encode(), b"media-link", hashlib.sha256)
    return hmac.digest(key, told, hashlib.sha256)[:_PROOF]
