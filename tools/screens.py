"""Takes the pictures of docs/screens.md from a running demo: `make run` in one terminal, `make screens` in another.

`make screens ARGS="desk undo"` takes only these. Where `DEMO=0 TRATO_VAR=elsewhere make run` runs, `TRATO_VAR=elsewhere make screens` takes
what only an empty product shows. Addresses and passwords come from the folder of the one that runs.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from base.settings import Settings, read_settings
from console.setting_up import password_of
from tools.shots import SHOTS, Shot

ROOT = Path(__file__).resolve().parent.parent
FOLDER, GALLERY = ROOT / "docs" / "screens", ROOT / "docs" / "screens.md"
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
INVITED = "camila@trato.example"
COLOURS = 128


async def main(names: list[str]) -> None:
    """All pictures that the running product can show, or the named ones; then the gallery."""
    settings = read_settings()
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if (shot.name in names if names else (shot.who == "founder") != settings.demo)]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or "/usr/bin/chromium", args=FLAGS)
        for shot in shots:
            for theme in ("light", "dark"):
                for narrow in (False,) * shot.wide + (True,) * shot.narrow:
                    await take(browser, settings, shot, theme, narrow=narrow)
            print(shot.name, flush=True)
        await browser.close()
    GALLERY.write_text(gallery())


async def take(browser: Browser, settings: Settings, shot: Shot, theme: str, *, narrow: bool) -> None:
    """One picture, by a browser of its own."""
    scheme = "dark" if theme == "dark" else "light"
    size = NARROW if narrow else WIDE
    context = await browser.new_context(viewport=size, color_scheme=scheme, locale="es-CO", reduced_motion="reduce")  # type: ignore[arg-type]
    page = await come_in(context, settings, shot)
    if shot.act:
        await shot.act(page)
    await settled(page)
    name = f"{shot.name}{'-phone' if narrow else ''}{'-dark' if theme == 'dark' else ''}.png"
    keep(await page.screenshot(), FOLDER / name)
    if shot.after:
        await shot.after(page)
    await context.close()


async def come_in(context: BrowserContext, settings: Settings, shot: Shot) -> Page:
    """Where the shot begins, as who looks."""
    page = await context.new_page()
    if shot.who in ("ana", "admin", "revisora"):
        await page.goto(f"{settings.public_url}/sign-in")
        await page.fill("#email", f"{shot.who}@trato.example")
        await page.fill("#password", password_of(settings, f"{shot.who}@trato.example"))
        await page.click("button.primary")
        await page.wait_for_selector("#shell", state="attached")
    await page.goto(address(settings, shot))
    if await page.locator("#live").count():
        await expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=20_000)
    return page


def address(settings: Settings, shot: Shot) -> str:
    """The whole address of where the shot begins."""
    if shot.who == "client":
        return f"http://127.0.0.1:{settings.simulator_port}{shot.path}"
    if shot.who in ("invited", "founder"):
        command = ("invite", INVITED) if shot.who == "invited" else ("people",)
        told = subprocess.run([sys.executable, "-m", "console.cli", *command], capture_output=True, text=True, check=True).stdout
        return next(word for word in told.split() if word.startswith(settings.public_url))
    return f"{settings.public_url}{shot.path}"


async def settled(page: Page) -> None:
    """Letters, pictures and whatever is being fetched are there, and painted."""
    await expect(page.locator("[aria-busy=true]")).to_have_count(0)
    await page.evaluate(
        "async () => { await document.fonts.ready; await Promise.allSettled([...document.images].map(one => one.decode()));"
        " await Promise.allSettled(document.getAnimations().filter(one => one.effect?.getComputedTiming().endTime < Infinity).map(one => one.finished));"
        " await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); }"
    )


def keep(picture: bytes, file: Path) -> None:
    """A palette is enough for a screen, and a third of the size."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)


def gallery() -> str:
    """docs/screens.md: every picture that was taken, light and dark side by side."""
    lines = ["# Screens", "", "Every screen in both themes, from the demo that `make run` starts. `make screens` takes them anew.", ""]
    for shot in SHOTS:
        taken = [(light, dark) for light, dark in shot.files() if (FOLDER / light).exists()]
        if taken:
            lines += [f"## {shot.told}", "", "| Light | Dark |", "|---|---|"]
            lines += [f"| ![{shot.told}](screens/{light}) | ![{shot.told}, dark](screens/{dark}) |" for light, dark in taken]
            lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
