"""Marks text for translators where it is written but not yet shown."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it
    """The message itself; the translation happens where its reader is known."""
    return message
