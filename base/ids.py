"""Ids: UUIDv7 (RFC 9562), made here so that they grow with time and never need a round trip."""

from __future__ import annotations

import os
import time
from uuid import UUID

_SUB_MILLISECOND_STEPS = 4096


def new_id() -> UUID:
    """A new UUIDv7: 48 bits of Unix milliseconds, 12 bits of the fraction, 62 random bits."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * _SUB_MILLISECOND_STEPS // 1_000_000
    random = int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)
