"""Takes the pictures of the README from a running demo: `tools/screens.py CONSOLE SIMULATOR PASSWORD_OF_ANA`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screens"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


async def main(console: str, simulator: str, password: str) -> None:
    """All pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=FLAGS)
        await desk(browser, console, password, "light", 1440, 900, "desk")
        await desk(browser, console, password, "dark", 1440, 900, "desk-dark")
        await desk(browser, console, password, "light", 390, 844, "desk-phone")
        page = await open_page(browser, simulator, "light", 1440, 900)
        await take(page, "simulator")
        page = await open_page(browser, f"{console}/sign-in", "light", 1440, 900)
        await take(page, "sign-in")
        await browser.close()


async def desk(browser: Browser, console: str, password: str, theme: str, width: int, height: int, name: str) -> None:
    """A conversation on the desk."""
    page = await open_page(browser, f"{console}/sign-in", theme, width, height)
    await page.fill("#email", "ana@trato.example")
    await page.fill("#password", password)
    await page.click("button.primary")
    await page.wait_for_selector("#queue-list", state="attached")
    await page.goto(f"{console}/?view=team")
    await page.locator(".row-link").nth(2).click()
    await page.wait_for_selector("#timeline")
    await take(page, name)


async def open_page(browser: Browser, url: str, theme: str, width: int, height: int) -> Page:
    """A page of a new browser context."""
    scheme = "dark" if theme == "dark" else "light"
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="es-CO")
    page = await context.new_page()
    await page.goto(url)
    return page


async def take(page: Page, name: str) -> None:
    """One picture, once everything has settled."""
    await page.wait_for_timeout(1000)
    await page.screenshot(path=FOLDER / f"{name}.png")
    await page.context.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
