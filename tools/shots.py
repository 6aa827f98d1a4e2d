"""What is shown: one line per picture, with who looks, where they begin and what they do before it is taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Page, expect

Act = Callable[[Page], Awaitable[None]]
Who = Literal["", "ana", "admin", "revisora", "client", "invited", "founder"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One screen. `who` is nobody, somebody of the demo, a client at the simulator, somebody invited, or the first person of an empty product.

    `wide` and `narrow` say at which widths; `after` puts right what `act` changed.
    """

    name: str
    told: str
    who: Who
    path: str
    act: Act | None = None
    wide: bool = True
    narrow: bool = False
    after: Act | None = None

    def files(self) -> list[tuple[str, str]]:
        """Its files for light and dark."""
        names = [self.name] * self.wide + [f"{self.name}-phone"] * self.narrow
        return [(f"{name}.png", f"{name}-dark.png") for name in names]


async def first(page: Page) -> None:
    """Open the first conversation of the list."""
    await page.locator(".row-link").first.click()
    await expect(page.locator("#client-name")).to_be_visible()
    await expect(page.locator("#panel h2").first).to_be_attached()


def first_with(selector: str) -> Act:
    """Open conversations from the top until one shows this."""

    async def act(page: Page) -> None:
        rows = page.locator("#queue-list > .row")
        for row in [await one.get_attribute("data-id") for one in await rows.all()]:
            await page.click(f"#q-{row} .row-link")
            await expect(page.locator(f'#conversation[data-id="{row}"]')).to_have_count(1)
            if await page.locator(selector).count() and await page.locator(selector).first.is_visible():
                return
        raise LookupError(f"no conversation of {page.url} shows {selector}")

    return act


def then(*acts: Act) -> Act:
    """One after another."""

    async def act(page: Page) -> None:
        for one in acts:
            await one(page)

    return act


def click(opener: str, shows: str) -> Act:
    """Press something and wait for what it shows."""

    async def act(page: Page) -> None:
        await page.locator(opener).locator("visible=true").first.click()
        await expect(page.locator(shows).first).to_be_visible()

    return act


def key(keys: str, shows: str, words: str = "") -> Act:
    """Press a key where no field has the focus, write some words, and wait for what it shows."""

    async def act(page: Page) -> None:
        await page.evaluate("(document.getElementById('log') ?? document.getElementById('queue-title') ?? document.body).focus()")
        await page.keyboard.press(keys)
        if words:
            await expect(page.locator("input:focus, textarea:focus")).to_have_count(1)
            await page.keyboard.type(words)
        await expect(page.locator(shows).first).to_be_visible()

    return act


async def off_the_line(page: Page) -> None:
    """The network is gone."""
    await page.context.set_offline(True)
    await expect(page.locator("#outage")).to_be_visible(timeout=15_000)


async def on_the_line(page: Page) -> None:
    """The network is back."""
    await page.context.set_offline(False)


async def session_ends(page: Page) -> None:
    """The session ends elsewhere while words are being written."""
    await page.fill("#composer-text", "Claro que sí, le ayudo con")
    await page.evaluate(
        "fetch('/sign-out', { method: 'POST', redirect: 'manual',"
        " body: new URLSearchParams({ _csrf: document.querySelector('[name=_csrf]').value }) })"
    )
    await expect(page.locator("#signed-out")).to_be_visible(timeout=15_000)


async def writes_template(page: Page) -> None:
    """A template is written down and seen as it would be read."""
    await page.fill("[name=body]", "Hola {{first_name}}, tu saldo con {{creditor}} es de {{total_due}}.")
    await page.locator("[name=body]").blur()


MINE, TEAM, TRIAGE = "/?view=mine", "/?view=team", "/?view=triage"
_PICKER: Final = then(first_with("#channel-sms:not([aria-disabled])"), click("#open-picker", "#picker-list .offer"))

SHOTS: Final[tuple[Shot, ...]] = (
    Shot("sign-in", "Signing in", "", "/sign-in", narrow=True),
    Shot("desk", "A conversation with its client beside it", "ana", MINE, first, narrow=True),
    Shot("queue", "What waits for the team", "ana", TEAM, narrow=True),
    Shot("queue-empty", "Nobody waits", "admin", MINE),
    Shot("triage", "A stranger, and who they may be", "ana", TRIAGE, then(first, click(".about-acts .primary", "#people h2"))),
    Shot("people", "Who belongs to a client: addresses, parties, merging", "ana", MINE,
         then(first, click(".about-acts [hx-get$='/people']", "#people h2"))),
    Shot("promise", "A promise", "ana", MINE, then(first, key("p", "#money-amount"))),
    Shot("payment", "A payment that the client tells of", "ana", MINE, then(first, click("[hx-get$='/payments/new']", "#money-amount"))),
    Shot("picker", "Prepared texts, by one key", "ana", MINE, _PICKER),
    Shot("template", "A template, with what it will say", "ana", TEAM,
         then(first_with("#channel-whatsapp:not([aria-disabled])"), click("#channel-whatsapp", "#channel-whatsapp"), click("#open-picker", "#picker-list .offer"),
              click("#picker-list [data-kind=template]:not([aria-disabled])", ".template-card")), narrow=True),
    Shot("schedule", "Sent later, by the client's clock", "ana", MINE, then(first, click("#schedule", ".schedule"))),
    Shot("undo", "What was done can be undone", "ana", MINE, then(first, key("s", "#undo .undo-toast")), after=key("z", "#main")),
    Shot("channel-closed", "A closed channel says why", "ana", TEAM, first_with(".channel-reason:not(.aside)")),
    Shot("mention", "A note for a colleague", "ana", MINE, then(first, key("n", ".mention-option", "@lu"))),
    Shot("notices", "Notices", "ana", MINE, click("#bell", "#notices")),
    Shot("palette", "Search or run anything", "ana", MINE, then(first, key("Control+k", "#palette-found [role=option]", "mar"))),
    Shot("keys", "The keys", "ana", MINE, then(first, key("?", "#keys"))),
    Shot("preferences", "Preferences", "ana", MINE, then(click(".me", "#me"), click("#me [data-opens=preferences]", "#preferences"))),
    Shot("close", "Closed with what came of it", "ana", MINE, then(first, key("o", "#act-dialog h2"))),
    Shot("snooze", "Snoozed until", "ana", MINE, then(first, key("b", "#act-dialog h2"))),
    Shot("transfer", "Transferred to a colleague or a team", "ana", MINE, then(first, key("a", "#act-dialog h2"))),
    Shot("offline", "No connection: words are kept", "ana", MINE, then(first, off_the_line), after=on_the_line),
    Shot("signed-out", "The session has ended: clients are hidden, the draft is kept", "ana", MINE, then(first, session_ends)),
    Shot("reviewer", "Who only reads", "revisora", TEAM, first),
    Shot("error", "Not there, or not yours", "ana", "/c/00000000-0000-7000-8000-000000000000"),
    Shot("client", "About the client, on a phone", "ana", MINE, then(first, click(".context-toggle", "#context")), wide=False, narrow=True),
    Shot("setup", "Settings: what is left to do", "admin", "/setup", narrow=True),
    Shot("setup-creditors", "Settings: creditors", "admin", "/setup/creditors"),
    Shot("setup-teams", "Settings: teams", "admin", "/setup/teams"),
    Shot("setup-agents", "Settings: people", "admin", "/setup/agents"),
    Shot("setup-senders", "Settings: senders, and a test message", "admin", "/setup/senders"),
    Shot("setup-clients", "Settings: clients", "admin", "/setup/clients"),
    Shot("setup-contactable", "Settings: who can be contacted", "admin", "/setup/contactable"),
    Shot("setup-templates", "Settings: templates", "admin", "/setup/templates"),
    Shot("setup-template", "Settings: a new template", "admin", "/setup/templates/new", writes_template),
    Shot("welcome", "A new colleague chooses a password", "invited", ""),
    Shot("start", "The first administrator (`make run DEMO=0`)", "founder", "", narrow=True),
    Shot("simulator", "The simulator's phone: SMS", "client", "/?app=sms", click(".client[href*='app=sms']", ".bubble")),
    Shot("simulator-whatsapp", "The simulator's phone: WhatsApp", "client", "/?app=whatsapp", click(".client[href*='app=whatsapp']", ".bubble")),
)  # fmt: skip
