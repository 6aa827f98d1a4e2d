"""The desk in a real browser: what an agent waits for, each beside the same bytes put on the screen with as little as a browser can do."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from bench import machine
from bench.budgets import Figure
from bench.desk_data import Story, make_desks
from bench.places import Place
from bench.screens import PARTS, QUERY, Screens, screens
from bench.taken import Run, Taken

CHANGES = 200
_SLOWER = 4


async def measure_desk(place: Place, times: int, say: Callable[[str], None]) -> list[Figure]:
    """Every figure, `times` times; conversations are recorded first."""
    say("desk: 600 conversations are written ...")
    desks = await make_desks(place.settings)
    taken = Taken()
    async with screens(place, desks) as on:
        run = Run(on, taken, times)
        for workload in (_first_paint, _switch, _switch_slowly, _longest, _keys, _palette, _send, _live, _reconnect):
            await _with_weather(run, workload, say)
    return taken.figures()


async def _with_weather(run: Run, workload: Callable[[Run], Awaitable[None]], say: Callable[[str], None]) -> None:
    begun, before = time.monotonic(), machine.read()
    known = set(run.taken.ours)
    await workload(run)
    weather = machine.between(before, machine.read())
    new = set(run.taken.ours) - known
    run.taken.weather |= dict.fromkeys(new, weather)
    say(f"desk: {', '.join(sorted(new))}: {time.monotonic() - begun:.0f} s, others {weather.others:.0%}, stolen {weather.stolen:.0%}")


async def _first_paint(run: Run) -> None:
    """The queue from the navigation on, files already in the browser's cache."""
    on = run.on
    for number in range(run.times + 1):
        ours = await on.owner.load(f"{on.url}/?view=mine")
        floor = await on.floor.load(f"{on.floor_url}/desk")
        if number == 0:
            continue
        for figure, name in {"queue: first byte": "first", "queue: first paint": "paint", "queue: rows painted": "rows"}.items():
            run.taken.add(figure, ours[name], floor[name])
        run.taken.add("queue: largest paint", ours["lcp"], floor["lcp"])
        run.taken.add("queue: layout shift x 1000", ours["shift"] * 1000)
        await _weigh(run)


async def _weigh(run: Run) -> None:
    """What the page and its files weigh, packed, and how many they are."""
    weights = await run.on.owner.page.evaluate("() => stopwatch.weights()")
    run.taken.add("weight in kB: HTML", weights["html"])
    run.taken.add("weight in kB: JavaScript", weights["js"])
    run.taken.add("weight in kB: CSS", weights["css"])
    run.taken.add("weight in kB: fonts", weights["fonts"])
    run.taken.add("requests of a first page", weights["requests"])


async def _floor_part(run: Run) -> tuple[str, str]:
    """The floor's next conversation, never the one that is on its screen: what to wait for."""
    number = int(await run.on.floor.page.evaluate("most => { floorPart = ((window.floorPart ?? 0) + 1) % most; return floorPart; }", PARTS))
    return "opened", str(run.stories[number].conversation)


async def _switch(run: Run) -> None:
    await run.at_the_desk(run.stories[0])
    for number in range(1, run.times + 1):
        for by in ("key", "mouse"):
            ours = await _open(run, run.stories[(2 * number + (by == "mouse")) % len(run.stories)], by)
            floor = await _open_on_floor(run, number, by)
            run.taken.add(f"switch by {by}: painted", ours[1], floor)
            run.taken.add(f"switch by {by}: it answers", ours[0])


async def _open(run: Run, story: Story, by: str) -> tuple[float, float]:
    """Open a row; until the page shows that it is on its way, and until its timeline is painted."""
    row, waits = f"#q-{story.conversation} .row-link", (("busy", ""), ("opened", str(story.conversation)))
    if by == "mouse":
        read = await run.on.owner.click(row, *waits)
    else:
        await run.on.owner.page.focus(row)
        read = await run.on.owner.press("Enter", *waits)
    return read.each[0], read.each[1]


async def _open_on_floor(run: Run, number: int, by: str) -> float:
    wait = await _floor_part(run)
    if by == "mouse":
        return (await run.on.floor.click(f"#q-{run.stories[number % len(run.stories)].conversation} .row-link", wait)).each[0]
    return (await run.on.floor.press("Enter", wait)).each[0]


async def _switch_slowly(run: Run) -> None:
    """On a machine of a quarter of the speed: the browser's part, from the answer on."""
    await run.at_the_desk(run.stories[0])
    try:
        for screen in (run.on.owner, run.on.floor):
            await screen.slow_down(_SLOWER)
        for number in range(1, run.times + 1):
            story = run.stories[(3 * number) % len(run.stories)]
            await run.on.owner.page.focus(f"#q-{story.conversation} .row-link")
            ours = await run.on.owner.press("Enter", ("opened", str(story.conversation)))
            floor = await run.on.floor.press("Enter", await _floor_part(run))
            run.taken.add("switch at a quarter speed: the swap", ours.swap)
            run.taken.add("switch at a quarter speed: painted", ours.each[0], floor.each[0])
    finally:
        for screen in (run.on.owner, run.on.floor):
            await screen.slow_down(1)


async def _longest(run: Run) -> None:
    """The story of five thousand lines, between two ordinary ones."""
    await run.at_the_desk(run.stories[0])
    for number in range(run.times // 2 + 1):
        await _open(run, run.stories[number + 1], "mouse")
        ours = await _open(run, run.on.desks.longest, "key")
        floor = await _open_on_floor(run, number, "key")
        run.taken.add("switch to 5,000 lines: painted", ours[1], floor)


async def _keys(run: Run) -> None:
    """The plainest feedback: J to the next row; and what the browser's own event timing says of the keys and clicks since the page came."""
    await run.at_the_desk(run.stories[0])
    await run.on.floor.page.focus(".row-link")
    for _ in range(2 * run.times):
        ours = await run.on.owner.press("j", ("moved", ""))
        floor = await run.on.floor.press("j", ("moved", ""))
        run.taken.add("key: next row", ours.each[0], floor.each[0])
    for number in range(run.times):
        await _open(run, run.stories[number], "mouse")
    for duration in await run.on.owner.page.evaluate(_INTERACTIONS):
        run.taken.add("interaction to next paint", duration)


# The browser tells an event's whole duration in steps of 8 ms, and none that took less than 16: those count as 16.
_INTERACTIONS = """() => {
  const longest = new Map();
  for (const [id, duration] of stopwatch.events()) longest.set(id, Math.max(longest.get(id) ?? 0, duration));
  const quick = Math.max(0, (performance.interactionCount ?? longest.size) - longest.size);
  return [...longest.values(), ...Array(quick).fill(16)];
}"""


async def _palette(run: Run) -> None:
    await run.at_the_desk(run.stories[0])
    owner, floor = run.on.owner, run.on.floor
    for number in range(run.times):
        least = await floor.press("p", ("palette", ""))
        run.taken.add("palette: open", (await owner.press("Control+k", ("palette", ""))).each[0], least.each[0])
        text = f"{QUERY}{number}"
        await owner.page.keyboard.type(text[:-1])
        found = await owner.press(text[-1], ("found", text))
        least = await floor.press("f", ("found", QUERY))
        run.taken.add("palette: results", found.each[0], least.each[0])
        for screen in (owner, floor):
            await screen.page.keyboard.press("Escape")
        await floor.page.evaluate("() => { document.getElementById('palette-found').dataset.for = ''; }")


async def _send(run: Run) -> None:
    """An answer to a client who has just written: until the composer shows that it was heard, and until the message stands in the timeline."""
    await run.at_the_desk(run.stories[0])
    owner, floor = run.on.owner, run.on.floor
    for number in range(run.times):
        story = run.stories[number % len(run.stories)]
        mark, _, _ = await run.on.client_writes(story)
        await owner.arm(("listed", mark))
        await owner.read()
        await _open(run, story, "key")
        await owner.arm(("said", mark))
        await owner.read()
        text = f"Claro que sí, el viernes está bien. {number:04} ({story.phone[-4:]})"
        await owner.page.focus("#composer-text")
        await owner.page.keyboard.insert_text(text)
        ours = await owner.press("Control+Enter", ("busy", ""), ("said", text))
        await floor.page.evaluate("text => { floorText = text; }", text)
        least = await floor.press("s", ("said", text))
        run.taken.add("send: it answers", ours.each[0])
        run.taken.add("send: confirmed bubble", ours.each[1], least.each[0])


async def _live(run: Run) -> None:
    """A client's word: from the carrier's request to its answer, to the owner's bubble, and to the row on a colleague's list."""
    on, story = run.on, run.stories[3]
    await run.at_the_desk(story)
    await on.colleague.load(f"{on.url}/?view=team")
    await run.settled(on.colleague)
    await on.floor.page.evaluate("port => floorListen(port)", on.place.ports["sockets"])
    for number in range(run.times):
        bubble, row = (on.owner, ("said", f"#{_next(on)}#")), (on.colleague, ("listed", f"#{_next(on)}#"))
        for screen, wait in (bubble, row):
            await screen.arm(wait)
        _, begun, answered = await on.client_writes(story)
        owner, colleague = (await bubble[0].read()).clock[0], (await row[0].read()).clock[0]
        await on.floor.arm(("said", f"#{_next(on)}#"))
        _, floor_begun, _ = await on.client_writes(run.stories[number % PARTS], to_floor=True)
        least = (await on.floor.read()).clock[0] - floor_begun
        run.taken.add("webhook: acknowledged", answered - begun)
        run.taken.add("webhook: sent, to the owner's bubble", owner - begun, least)
        run.taken.add("webhook: accepted, to the owner's bubble", owner - answered)
        run.taken.add("webhook: accepted, to a colleague's row", colleague - answered)


def _next(on: Screens) -> str:
    """The mark that the next client's word will have."""
    return f"{on.next_mark:08}"


async def _reconnect(run: Run) -> None:
    """The network comes back after two hundred changes, a quarter of them in the open conversation."""
    on, story = run.on, run.stories[2]
    context = on.contexts[0]
    for _ in range(max(2, run.times // 5)):
        await run.at_the_desk(story)
        await context.set_offline(True)
        for number in range(CHANGES):
            others = run.stories[10 + number % 30]
            mark, _, _ = await on.client_writes(story if number % 4 == 3 else others)
        if await on.owner.page.evaluate("() => stopwatch.live()") == "live":
            raise RuntimeError("the page was never off the line")
        await on.owner.arm(("said", mark), ("listed", mark))
        await context.set_offline(False)
        run.taken.add(f"reconnect: caught up after {CHANGES} changes", max((await on.owner.read()).each))
