"""A client's story: scenes chosen by how things stand with them, each line at its moment, from the last one backwards.

We keep our word in them: who was told that we wait is not written to until they write, who has another's number reads nothing of the matter,
and a week of silence goes before everything that we begin.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.demo.calendar import last_working_time
from console.demo.clients import SEED, DemoClient
from console.demo.people import CONDOR
from console.demo.scenes import CLIENT, FILE, OURS, PROMISE, US, Beat, Scene, begins_freely, first_spoken, has_file, last_spoken, pools

SPAN = timedelta(days=60)
WINDOW = timedelta(hours=23)
# What came of a closed conversation, with the pool of its last scene.
ENDINGS = {
    "promise_made": "pending",
    "paid": "paid",
    "information_given": "answered",
    "no_answer": "unanswered",
    "wrong_person": "wrong",
    "dispute": "dispute",
    "hardship": "hardship",
    "will_call_back": "callback",
}
_LAST = {
    "waiting": (*["waiting"] * 19, "denied"),
    "own": ("waiting", "waiting", "answered", "due"),
    "snoozed": ("callback", "pending"),
    "stop": ("stop",),
    "open": ("answered", "answered", "pending", "due", "overdue", "paid", "hardship", "dispute", "callback", "unanswered"),
}
# With these nothing was said before: who has the number is somebody else, or says so.
_ALONE = ("wrong", "denied")
# In these we say that we wait for the client; whatever is said afterwards, they begin.
_HOLDING = ("pause", "hardship", "dispute")
_GOODBYES = {
    "es": (
        "Con gusto, {first}.",
        "Aquí estamos para lo que necesite.",
        "Gracias a usted, {first}. Que tenga buen día.",
        "Quedamos atentos, {first}.",
        "Muy bien. Cualquier cosa nos escribe por aquí.",
        "Gracias por escribirnos, {first}.",
        "Para eso estamos, {first}.",
        "Cuente con nosotros.",
        "A su disposición, {first}.",
        "Que le vaya muy bien hoy.",
        "Un saludo, {first}.",
        "Nos alegra haberle ayudado.",
        "Perfecto, {first}. Feliz resto de día.",
        "Aquí seguimos, {first}.",
        "Me alegra, {first}. Hasta pronto.",
        "Así quedamos entonces.",
        "Por aquí nos encuentra cuando quiera.",
        "Qué bueno, {first}. Saludos en casa.",
    ),
    "pt": (
        "De nada, {first}.",
        "Estamos por aqui.",
        "Tenha um bom dia, {first}.",
        "Certo, {first}. Qualquer coisa, é só escrever.",
        "Conte com a gente, {first}.",
        "Até mais, {first}.",
        "Que bom, {first}. Um abraço.",
    ),
}
_TOPICS = ("kept", "kept", "broken", "paid", "pause", "hardship", "dispute", "kept")
_WEEK = timedelta(days=7, hours=1)
# Between two scenes of which the client begins the second one.
_PAUSE = timedelta(hours=5)
# A scene may move this much into the past, so that our words in it fall into working time.
_WEEKEND = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that happened: which kind, when, on which channel, in which words before their places are filled. `scene` numbers its scene."""

    kind: str
    at: datetime
    channel: str
    text: str
    scene: int


@dataclass(frozen=True, slots=True)
class History:
    """All that was said, oldest first, and what came of it where it is closed."""

    said: tuple[Said, ...]
    disposition: str | None

    @property
    def last_scene(self) -> int:
        """The number of the scene that went on last."""
        return self.said[-1].scene


def history_of(client: DemoClient, now: datetime, *, files: bool) -> History:
    """The same story at every first start, at moments of the `SPAN` before `now`. `files` says whether the client may send any."""
    chance = random.Random(SEED * 1000 + client.number)  # noqa: S311 - made-up stories, no secret
    disposition = list(ENDINGS)[client.number % len(ENDINGS)] if client.stands == "closed" else None
    last = ENDINGS[disposition] if disposition else chance.choice(_LAST[client.stands])
    if _is_shown(client):
        last = "waiting"
    if client.bad:
        last = "unanswered"
    scenes = _scenes(client, last, chance, files=files and client.channel == "whatsapp")
    return History(_placed(client, scenes, now, chance), disposition)


def _scenes(client: DemoClient, last: str, chance: random.Random, *, files: bool) -> list[Scene]:
    """First, some in the middle, and the last one; nobody hears the same twice."""
    known = {name: [scene for scene in pool if files or not has_file(scene)] for name, pool in pools(client.language).items()}
    ending = chance.choice([scene for scene in known[last] if not _is_shown(client) or first_spoken(scene) not in OURS])
    if last in _ALONE:
        return [ending]
    begun = [chance.choice(known["first"])]
    if client.talkative:
        begun += _long(known, chance)
    else:
        if files and client.number % 3 == 0:
            begun.append(chance.choice([scene for scene in (*known["middle"], *known["paid"]) if has_file(scene)]))
        for _ in range(chance.choice((1, 2, 2, 3))):
            begun.append(_new(known["middle"], begun, chance))
        begun += _topic(known, last, ending, begun, chance)
    goodbyes = _shuffled(_GOODBYES[client.language], chance)
    said = [_answered(scene, goodbyes) for scene in begun]
    return [*said, _answered(ending, goodbyes) if client.stands == "open" else ending]


def _is_shown(client: DemoClient) -> bool:
    """Whether it is one of those whom the two known agents attend: they have written of late, each at a different hour."""
    return client.stands == "own" and client.agent.startswith(("ana@", "luis@"))


def _long(known: dict[str, list[Scene]], chance: random.Random) -> list[Scene]:
    """Somebody who likes to write: everything that a client may begin, each thing once."""
    pool = (*known["middle"], *known["answered"])
    theirs = [scene for scene in pool if first_spoken(scene) not in OURS and not any(beat.kind == PROMISE for beat in scene)]
    chance.shuffle(theirs)
    return theirs


def _topic(known: dict[str, list[Scene]], last: str, ending: Scene, begun: list[Scene], chance: random.Random) -> list[Scene]:
    """What the story turns on, if anything: before what we begin, nothing after which we wait."""
    topic = chance.choice(_TOPICS)
    if chance.random() > 0.6 or topic == last or (topic in _HOLDING and first_spoken(ending) in OURS):
        return []
    return [_new(known[topic], begun, chance)]


def _new(pool: Sequence[Scene], but: Sequence[Scene], chance: random.Random) -> Scene:
    return chance.choice([scene for scene in pool if scene not in but])


def _shuffled(words: Sequence[str], chance: random.Random) -> Iterator[str]:
    """The words in an order of their own, twice."""
    return iter(chance.sample(words, len(words)) * 2)


def _answered(scene: Scene, goodbyes: Iterator[str]) -> Scene:
    """The scene with a last word of ours, where it ends with one of the client's and such a word is left: nobody waits for weeks."""
    goodbye = "" if last_spoken(scene) in OURS else next(goodbyes, "")
    return (*scene, Beat(US, 3, goodbye)) if goodbye else scene


def _placed(client: DemoClient, scenes: list[Scene], now: datetime, chance: random.Random) -> tuple[Said, ...]:
    """Every line at its moment: the last one where the client stands, the scenes before it hours or days earlier, as far as there is room."""
    at = now - timedelta(minutes=client.minutes, seconds=chance.randrange(60))
    begins = now - SPAN + _length(scenes[0]) + _WEEKEND
    placed: list[Said] = []
    for number in range(len(scenes) - 1, -1, -1):
        scene = scenes[number]
        if placed:
            silence = _silence(scenes[placed[-1].scene])
            spare = at - begins - silence - (_length(scene) + _WEEKEND + _silence(scene) if number else timedelta())
            if number and spare < timedelta():
                continue
            at = _earlier(at - silence - max(spare, timedelta()) / (number + 1) * chance.uniform(0.3, 0.9), client, chance)
        lines, at = _lines(client, scene, number, at, chance)
        placed += _on_channels(client, scene, lines)
    placed.reverse()
    return tuple(placed)


def _length(scene: Scene) -> timedelta:
    return timedelta(minutes=sum(beat.gap + 1 for beat in scene))


def _silence(scene: Scene) -> timedelta:
    """What goes before it at the least."""
    return _WEEK if first_spoken(scene) in OURS else _PAUSE


def _lines(client: DemoClient, scene: Scene, number: int, at: datetime, chance: random.Random) -> tuple[list[Said], datetime]:
    """The lines of a scene that ends at a moment, the last one first, and the moment at which it began."""
    lines: list[Said] = []
    for place in range(len(scene) - 1, -1, -1):
        beat = scene[place]
        if beat.kind not in (CLIENT, FILE):
            at = last_working_time(at, client.country.code, client.zone, chance)
        lines.append(Said(beat.kind, at, "", beat.text, number))
        if place:
            at -= timedelta(minutes=beat.gap, seconds=chance.randrange(8, 55))
    return lines, at


def _earlier(at: datetime, client: DemoClient, chance: random.Random) -> datetime:
    """The end of a scene: people seldom write at night."""
    local = at.astimezone(ZoneInfo(client.zone))
    return at - timedelta(hours=local.hour + 3) if local.hour < 6 and chance.random() < 0.9 else at


def _on_channels(client: DemoClient, scene: Scene, lines: list[Said]) -> list[Said]:
    """A scene keeps to one channel; where WhatsApp would not let our words through, it is in text messages."""
    third_party = client.debts[0].creditor == CONDOR
    by_text = client.channel == "sms" or begins_freely(scene) or (third_party and first_spoken(scene) not in (CLIENT, FILE))
    channel = "sms" if by_text and not has_file(scene) else "whatsapp"
    if channel == "sms":
        return [replace(said, channel=channel) for said in lines]
    ways = [(said, _way_out(said, lines, third_party) if said.kind in OURS else channel) for said in lines]
    return [replace(said, channel=way) for said, way in ways if way]


def _way_out(said: Said, scene: list[Said], third_party: bool) -> str | None:
    """Where our own line of a WhatsApp scene goes. Where the client's last word is too long ago by then, as after a weekend, nobody follows it by
    another channel: it stays unsaid."""
    if third_party:
        return "sms"
    heard = [one.at for one in scene if one.kind in (CLIENT, FILE) and one.at < said.at]
    return "whatsapp" if said.kind != US or (heard and said.at - max(heard) < WINDOW) else None
