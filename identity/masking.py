"""What of a person's data a screen may show. The projection happens here, on the server; nothing is hidden by style sheets.

Seeing is not saying: who serves the portfolio sees the name and the accounts, because she must ask for the client by name. Numbers and
addresses stay masked for everybody.
"""

from __future__ import annotations

from channels.phones import mask_phone


def mask_address(channel: str, dialable: str) -> str:
    """An address as a screen shows it: the last digits of a number, the first letter and the host of an email."""
    if channel != "email":
        return mask_phone(dialable)
    name, _, host = dialable.partition("@")
    return f"{name[:1]}•••@{host}"
