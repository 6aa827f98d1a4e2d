"""Encryption of personal data: one key per person, wrapped by a ring of installation keys; blind indexes to find what is encrypted.

AES-256-GCM with associated data (organisation, table, row, field), so that a ciphertext moved to another place does not open. Destroying
a person's key makes all that was written under it unreadable, in backups too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from base.errors import SettingsError, TratoError

_VERSION = b"\x01"
_NONCE = 12
_KEY = 32


class Unreadable(TratoError):
    """A ciphertext does not open: it was altered, moved, or its key was destroyed."""


class Cipher:
    """The installation's keys. `keys` maps names to base64 of 32 bytes, the newest first; it wraps new keys with the newest."""

    def __init__(self, keys: Mapping[str, str], index_key: str) -> None:
        self._ring = {name: AESGCM(_decode(text, f"TRATO_KEYS ({name})")) for name, text in keys.items()}
        self._newest = next(iter(self._ring))
        self._index_root = _decode(index_key, "TRATO_INDEX_KEY")
        self._index_keys: dict[tuple[UUID, str], bytes] = {}
        self._unwrap = lru_cache(maxsize=20_000)(self._unwrap_now)

    def new_person_key(self, org: UUID, person: UUID) -> tuple[str, bytes]:
        """A fresh key for one person, as (name of the wrapping key, wrapped bytes) to be stored."""
        nonce = os.urandom(_NONCE)
        wrapped = nonce + self._ring[self._newest].encrypt(nonce, os.urandom(_KEY), _context(org, "person_key", person))
        return self._newest, wrapped

    def person(self, org: UUID, person: UUID, key_name: str | None, wrapped: bytes | None) -> PersonCipher:
        """The cipher of one person from what `new_person_key` gave. Raises `Unreadable` when the key was destroyed."""
        if key_name is None or wrapped is None:
            raise Unreadable(f"the key of person {person} was destroyed")
        return PersonCipher(org, self._unwrap(org, person, key_name, bytes(wrapped)))

    def blind_index(self, org: UUID, field: str, normalised: str) -> bytes:
        """128 bits that are equal for equal normalised values of one field, and tell nothing without the index key."""
        key = self._index_keys.get((org, field)) or self._derive(org, field)
        return hmac.digest(key, normalised.encode(), hashlib.sha256)[:16]

    def _derive(self, org: UUID, field: str) -> bytes:
        info = f"bidx|{org}|{field}|v1".encode()
        key = HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(self._index_root)
        self._index_keys[org, field] = key
        return key

    def _unwrap_now(self, org: UUID, person: UUID, key_name: str, wrapped: bytes) -> AESGCM:
        if key_name not in self._ring:
            raise Unreadable(f"TRATO_KEYS does not hold the key named {key_name!r} that person {person} needs")
        return AESGCM(_open(self._ring[key_name], wrapped, _context(org, "person_key", person)))


class PersonCipher:
    """Seals and opens the fields of one person."""

    def __init__(self, org: UUID, key: AESGCM) -> None:
        self._org = org
        self._key = key

    def seal(self, table: str, row: UUID, field: str, text: str) -> bytes:
        """The ciphertext of one text field of one row."""
        return self.seal_bytes(table, row, field, text.encode())

    def seal_bytes(self, table: str, row: UUID, field: str, content: bytes) -> bytes:
        """The ciphertext of one binary field of one row: version, nonce, ciphertext, tag."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self._key.encrypt(nonce, content, _context(self._org, table, row, field))

    def open(self, table: str, row: UUID, field: str, blob: bytes) -> str:
        """The text that `seal` took. Raises `Unreadable`."""
        return self.open_bytes(table, row, field, blob).decode()

    def open_bytes(self, table: str, row: UUID, field: str, blob: bytes) -> bytes:
        """The bytes that `seal_bytes` took. Raises `Unreadable`."""
        if blob[:1] != _VERSION:
            raise Unreadable(f"{table}.{field} of {row} has an unknown format")
        return _open(self._key, blob[1:], _context(self._org, table, row, field))


def _open(key: AESGCM, blob: bytes, context: bytes) -> bytes:
    try:
        return key.decrypt(blob[:_NONCE], blob[_NONCE:], context)
    except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
        raise Unreadable(f"{context.decode()} does not open: altered, moved, or another key") from error


def _context(org: UUID, table: str, row: UUID, field: str = "") -> bytes:
    return f"{org}|{table}|{row}|{field}".encode()


def _decode(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise SettingsError(f"{name} is not base64. Set it to base64 of 32 random bytes.") from error
    if len(key) != _KEY:
        raise SettingsError(f"{name} has {len(key)} bytes. Set it to base64 of 32 random bytes.")
    return key
