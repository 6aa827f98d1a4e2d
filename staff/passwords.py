"""Passwords are kept as Argon2id hashes. Checking one that belongs to nobody takes as long as any other; new ones must be hard to guess."""

from __future__ import annotations

import re
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from base.errors import InvalidField
from base.words import N_

NO_PASSWORD: Final = ""
FEWEST_CHARACTERS: Final = 12
MOST_CHARACTERS: Final = 200
_FEWEST_DIFFERENT: Final = 5
# What guessers try first, without its digits and signs; length does the rest.
_COMMON: Final = frozenset(
    "abcdefghijkl admin administrador administrator amor asdfghjkl bemvindo bienvenido bienvenidos clave cobranza cobranzas cobranca colombia"
    " contrasena contraseña corinthians empresa estrella flamengo futbol iloveyou letmein mexico mimamamemima minhasenha mipassword oficina"
    " password passwordpassword portugal qazwsxedc qwerty qwertyuiop qwertyqwerty secret secreto segredo senha senhasenha teamo tequiero trato"
    " tratotrato usuario welcome zxcvbnm".split()
)
_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The Argon2id hash, with its parameters and salt."""
    return _HASHER.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether a password fits a hash; with None (no such person) or `NO_PASSWORD` it never does, after the same work."""
    try:
        _HASHER.verify(password_hash or _NOBODYS, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(password_hash)


def check_password(password: str, *personal: str) -> None:
    """Raise `InvalidField` for a new password that is short, common, or made of what everybody knows of its owner (`personal`)."""
    if len(password) < FEWEST_CHARACTERS:
        raise InvalidField(
            "password", N_("Use at least 12 characters. Four words that only you would put together are easy to keep in mind.")
        )
    if len(password) > MOST_CHARACTERS:
        raise InvalidField("password", N_("Use at most 200 characters."))
    plain = re.sub(r"[\W_]+", "", password.casefold())
    word = re.sub(r"\d+", "", plain)
    known = {re.sub(r"[\W_\d]+", "", part) for text in personal for part in (text.casefold(), *re.split(r"[\s@.]+", text.casefold()))}
    if len(set(password)) < _FEWEST_DIFFERENT or not word or word in _COMMON or word in known:
        raise InvalidField("password", N_("This is among the first that somebody would guess. Choose another one."))
