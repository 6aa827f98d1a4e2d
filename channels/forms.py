"""Reads urlencoded forms byte for byte, so that what is verified and what is parsed are the same."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


def read_form(encoded: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of ``application/x-www-form-urlencoded`` bytes, in order, doubled and empty ones kept, nothing stripped.

    Bytes, because a signature covers bytes: decoding first would make two different bodies look the same.
    """
    return [_pair(part) for part in encoded.split(b"&") if part]


def _pair(part: bytes) -> tuple[bytes, bytes]:
    name, _, value = part.partition(b"=")
    return _decoded(name), _decoded(value)


def _decoded(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded.replace(b"+", b" "))
