"""Somebody who is signed in: their cookie, their form token, and pages as they see them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import httpx

from tests.chaos.http import client
from tests.chaos.stage import Stage

_TRIES = 300


@dataclass
class Person:
    """One agent with one session."""

    who: str
    cookie: str
    csrf: str
    http: httpx.AsyncClient

    async def page(self, path: str) -> httpx.Response:
        """A part of a page, asked for until there is an answer."""
        for _ in range(_TRIES):
            try:
                answer = await self.http.get(path, headers={"hx-request": "true", "hx-request-type": "partial"})
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code < 500:
                return answer
            await asyncio.sleep(0.1)
        raise TimeoutError(f"{self.who} got no answer for {path}")

    async def press(self, path: str) -> int | None:
        """Press one button, once; the status, or None where nobody answered."""
        try:
            return (await self.http.post(path, headers={"x-csrf-token": self.csrf})).status_code
        except httpx.HTTPError:
            return None


async def sign_in(stage: Stage, who: str, web: str) -> Person:
    """Sign in over HTTP, as the page's form does."""
    # Secure cookies of the loopback: a browser keeps them, httpx would not send them over http.
    http = client(web, 5, headers={"origin": stage.settings.origin})
    form = {"email": f"{who}@trato.example", "password": stage.password(who)}
    answer = await http.post("/sign-in", data=form, timeout=60)
    assert answer.status_code == 303, f"{who} could not sign in: {answer.status_code}"
    cookie = answer.headers["set-cookie"].partition(";")[0]
    http.cookies.clear()
    http.headers["cookie"] = cookie
    found = re.search(r'name="_csrf" value="([^"]+)"', (await http.get("/", timeout=60)).text)
    assert found, "the page has no form token"
    return Person(who, cookie, found[1], http)
