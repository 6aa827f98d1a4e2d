"""How tests look at a screen: what axe finds on it, what runs out of it, and what hands and eyes would miss."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.running import Running

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_VIOLATIONS = """async ([part, tags]) => {
  const found = await axe.run(part ? { include: [[part]] } : document, { runOnly: tags, resultTypes: ['violations'] });
  return found.violations.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`);
}"""
# What can be pressed or written in and is seen. Links inside sentences are exempt from the size of targets (WCAG 2.5.8, inline).
CONTROLS = """
const controls = () => [...(document.querySelector('dialog:modal') ?? document).querySelectorAll(
    'a[href], button, input, select, textarea, summary, audio[controls], [tabindex="0"]')]
  .filter(el => el.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && !el.disabled && el.tabIndex >= 0 && el.type !== 'hidden');
"""
_SMALL = f"""() => {{ {CONTROLS}
  return controls().filter(el => !el.matches('.vh, .skip, p a, li a.link') && !el.closest('label')).map(el => [el, el.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24).map(([el, box]) => `${{Math.round(box.width)}}x${{Math.round(box.height)}} ${{el.outerHTML.slice(0, 120)}}`);
}}"""
# What stands beyond the right edge and is in nothing that scrolls or cuts by itself.
_BEYOND = """() => {
  const cut = el => !el.matches('body, html') && /auto|scroll|hidden|clip/.test(getComputedStyle(el).overflowX);
  const kept = el => { for (let up = el.parentElement; up; up = up.parentElement) if (cut(up)) return true; return false; };
  const out = el => el.checkVisibility({ visibilityProperty: true }) && el.getBoundingClientRect().right > innerWidth + 1 && !kept(el);
  const width = document.documentElement.scrollWidth, wide = [...document.querySelectorAll('body *')].filter(out);
  return [width > innerWidth ? `the page is ${width} wide` : '', ...wide.slice(0, 3).map(el => el.outerHTML.slice(0, 140))].filter(Boolean);
}"""
_SHOWN_THOUGH_CLOSED = """() => [...document.querySelectorAll('dialog:not([open]), [popover]:not(:popover-open)')]
  .filter(el => el.id !== 'context' && el.checkVisibility()).map(el => el.id)"""


async def person(browser: Browser, running: Running, theme: str = "light", **more: Any) -> BrowserContext:
    """A browser of one person, whose screen does not move."""
    scheme = {"color_scheme": theme, "reduced_motion": "reduce", "locale": "es-CO", "viewport": WIDE}
    return await browser.new_context(base_url=running.url, **(scheme | more))


@dataclass
class Look:
    """Looks at one page after another and keeps what is wrong with them."""

    page: Page
    found: list[str] = field(default_factory=list)
    sizes: tuple[dict[str, int], ...] = (WIDE, NARROW)

    async def at(self, name: str, part: str | None = None, *, widths: tuple[dict[str, int], ...] = ()) -> None:
        """The page as it stands, or a `part` of it, at each width."""
        for size in widths or self.sizes:
            await self.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            wrong = [*await barriers(self.page, part), *await self.page.evaluate(_BEYOND), *await self.page.evaluate(_SMALL)]
            wrong += [f"#{id_} is closed and yet shown" for id_ in await self.page.evaluate(_SHOWN_THOUGH_CLOSED)]
            self.found += [f"{name} at {size['width']}: {one}" for one in wrong]
        await self.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})


async def barriers(page: Page, part: str | None = None) -> list[str]:
    """What axe finds on a page, or in one part of it."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE)
    found: list[str] = await page.evaluate(_VIOLATIONS, [part, TAGS])
    return found


async def beyond(page: Page) -> list[str]:
    """What is wider than the screen."""
    found: list[str] = await page.evaluate(_BEYOND)
    return found
