"""Passwords are kept as Argon2id hashes. Checking one that belongs to nobody takes as long as any other."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The Argon2id hash, with its parameters and salt."""
    return _HASHER.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether a password fits a hash; with None (no such person) it never does, after the same work."""
    try:
        _HASHER.verify(password_hash or _NOBODYS, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return password_hash is not None
