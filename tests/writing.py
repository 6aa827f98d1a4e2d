"""An agent who writes, as the tests of the composer drive one: a client on two channels, a desk, and words as a keyboard gives them."""

from __future__ import annotations

from typing import Any

from playwright.async_api import BrowserContext, Page, expect

from tests.desk import sign_in
from tests.running import Running, until
from tests.test_templates import PHONE, client_with

__all__ = ["PHONE", "at_desk", "drafts", "field", "may_take_back_for", "pauses", "rosa", "says", "types"]


async def rosa(running: Running, *, heard: bool = True, **more: Any) -> dict[str, Any]:
    """A client with WhatsApp and SMS, who has just written by WhatsApp unless they have not."""
    client = await client_with(running, **more)
    if heard:
        await running.client_writes(PHONE, "¿Puedo pagar la mitad?", channel="whatsapp")
    return client


async def at_desk(context: BrowserContext, running: Running, client: dict[str, Any], who: str = "ana") -> Page:
    """Somebody's page with this client open."""
    return await sign_in(context, running, who, f"/c/{client['conversation_id']}?view=team")


async def types(page: Page, text: str, *, over: bool = True) -> None:
    """Words as a person's own, at once; in the place of what stood there, unless they go on."""
    if over:
        await page.fill("#composer-text", "")
    await page.focus("#composer-text")
    await page.keyboard.press("Control+End")
    await page.keyboard.insert_text(text)


async def says(page: Page, text: str) -> None:
    """Type and send by keyboard."""
    await types(page, text)
    await page.keyboard.press("Control+Enter")


async def pauses(page: Page) -> None:
    """The pause of a writer after which the draft is on the server: the tab keeps a copy of what was typed until the server has confirmed it."""

    async def confirmed() -> bool:
        return bool(await page.evaluate("() => !Object.keys(sessionStorage).some(name => name.startsWith('draft:'))"))

    await until(confirmed)


async def drafts(running: Running) -> int:
    """How many drafts the server keeps."""
    rows = await running.rows("select agent_id from draft where org_id = :org")
    return len(rows)


async def may_take_back_for(running: Running, seconds: int, who: str = "ana") -> None:
    """Give somebody seconds in which their messages can be taken back."""
    async with running.product.work() as tx:
        await tx.run(
            "update agent set preferences = preferences || jsonb_build_object('undo_seconds', cast(:seconds as int))"
            " where org_id = :org and id = :agent",
            seconds=seconds,
            agent=running.agents[who],
        )


async def field(page: Page, text: str) -> None:
    """Assert what stands in the field; when nothing does, that what was sent has been answered."""
    await expect(page.locator("#composer-text")).to_have_value(text)
    if not text:
        await expect(page.locator("#going")).to_be_hidden()
