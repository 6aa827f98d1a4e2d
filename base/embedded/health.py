"""Asks a program on this machine whether it is well."""

from __future__ import annotations

import httpx


async def answers(url: str) -> bool:
    """Whether `url` is answered with 200 within 2 s; a proxy of the environment is never asked."""
    try:
        # Only this machine is asked, without TLS: reading the certificates of the world would cost more than the question.
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=2) as client:  # noqa: S501
            return (await client.get(url)).status_code == 200
    except httpx.HTTPError:
        return False
