"""How the carrier names people: a phone, or on WhatsApp a phone or a business-scoped id, with the channel before it."""

from __future__ import annotations

import hashlib
import re

PHONE = re.compile(r"\+[1-9]\d{6,14}")
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}")
# Whose phone it is: its number, or for somebody who never showed one the id alone.
OWNER = r"^(\+[1-9]\d{6,14}|[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128})$"
WHATSAPP = "whatsapp"
COUNTRIES = {"1": "US", "34": "ES", "51": "PE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO", "593": "EC"}


def channel_of(address: str) -> str:
    """`sms` for a bare address, else the word before the colon."""
    return address.split(":", 1)[0] if ":" in address else "sms"


def bare(address: str) -> str:
    """An address without its channel."""
    return address.split(":", 1)[-1]


def on_whatsapp(name: str) -> str:
    """A phone or an id as WhatsApp addresses are written."""
    return name if name.startswith(f"{WHATSAPP}:") else f"{WHATSAPP}:{name}"


def is_user(name: str) -> bool:
    """Whether a bare address may stand for a person on WhatsApp."""
    return bool(PHONE.fullmatch(name) or USER_ID.fullmatch(name))


def country_of(name: str) -> str:
    """ISO code of the country of a phone or of a business-scoped id; empty where it is none of those simulated."""
    if USER_ID.fullmatch(name):
        return name[:2]
    digits = name.removeprefix("+")
    return next((COUNTRIES[digits[:size]] for size in (3, 2, 1) if name.startswith("+") and digits[:size] in COUNTRIES), "")


def make_user_id(number: str) -> str:
    """The business-scoped id that goes with a phone: always the same one, and nothing of the number in it."""
    digest = int(hashlib.sha256(f"user {number}".encode()).hexdigest(), 16)
    return f"{country_of(number) or 'ZZ'}.{digest % 10**16:016d}"
