"""A client's story: scenes chosen by how things stand with them, each line at its moment, from the last one backwards."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.demo.calendar import last_working_time
from console.demo.clients import SEED, DemoClient
from console.demo.people import CONDOR
from console.demo.scenes import CLIENT, FILE, OURS, US, Beat, Scene, begins_freely, has_file, pools

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
    "waiting": ("waiting",),
    "own": ("waiting", "waiting", "answered", "due"),
    "snoozed": ("callback", "pending"),
    "stop": ("stop",),
    "open": ("answered", "answered", "pending", "due", "overdue", "paid", "hardship", "dispute", "callback", "unanswered"),
}
_GOODBYES = {
    "es": "[Con gusto, {first}.|Aquí estamos para lo que necesite.|Gracias a usted, {first}. Que tenga buen día.|Quedamos pendientes, {first}."
    "|Muy bien. Cualquier cosa nos escribe por aquí.|Gracias por escribirnos, {first}.]",
    "pt": "[De nada, {first}.|Estamos por aqui.|Obrigado, {first}. Tenha um bom dia.|Certo, {first}. Qualquer coisa, é só escrever.]",
}
_TOPICS = ("kept", "kept", "broken", "paid", "hardship", "dispute", "kept")


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
    """The same story at every first start, at moments before `now`. `files` says whether the client may send any."""
    chance = random.Random(SEED * 1000 + client.number)  # noqa: S311 - made-up stories, no secret
    disposition = list(ENDINGS)[client.number % len(ENDINGS)] if client.stands == "closed" else None
    last = ENDINGS[disposition] if disposition else chance.choice(_LAST[client.stands])
    if client.stands == "own" and client.agent.startswith(("ana@", "luis@")):
        last = "waiting"
    if client.bad:
        last = "unanswered"
    scenes = _scenes(client, last, chance, files=files and client.channel == "whatsapp")
    return History(_placed(client, scenes, now, chance), disposition)


def _scenes(client: DemoClient, last: str, chance: random.Random, *, files: bool) -> list[Scene]:
    """First, some in the middle, and the last one; nobody hears the same twice, but who writes for months."""
    known = pools(client.language)
    begun = [_pick(known["first"], chance, files, ())]
    if client.entries:
        while sum(map(len, begun)) < client.entries:
            begun.append(_pick((*known["middle"], *known["answered"]), chance, files, begun[-4:]))
    else:
        if chance.random() < 0.6:
            topic = chance.choice(_TOPICS)
            begun.append(_pick(known[topic if topic != last else "middle"], chance, files, begun))
        for _ in range(chance.choice((1, 2, 2, 3))):
            begun.insert(chance.randrange(1, len(begun) + 1), _pick(known["middle"], chance, files, begun))
    ending = _pick(known[last], chance, files, begun)
    said = [_answered(scene, client.language) for scene in begun]
    return [*said, _answered(ending, client.language) if client.stands == "open" else ending]


def _answered(scene: Scene, language: str) -> Scene:
    """The scene with a last word of ours, where it ends with one of the client's: nobody is left waiting for weeks."""
    spoken = next(beat.kind for beat in reversed(scene) if beat.kind in (*OURS, CLIENT, FILE))
    return scene if spoken in OURS else (*scene, Beat(US, 3, _GOODBYES[language]))


def _pick(pool: Sequence[Scene], chance: random.Random, files: bool, but: Sequence[Scene]) -> Scene:
    possible = [scene for scene in pool if files or not has_file(scene)]
    return chance.choice([scene for scene in possible if scene not in but] or possible)


def _placed(client: DemoClient, scenes: list[Scene], now: datetime, chance: random.Random) -> tuple[Said, ...]:
    """Every line at its moment: the last one where the client stands, the scenes before it some hours or days earlier."""
    at = now - timedelta(minutes=client.minutes, seconds=chance.randrange(60))
    longest = 13 if client.entries else SPAN.total_seconds() / 3600 / (len(scenes) + 1) * 1.6
    placed: list[Said] = []
    for number in range(len(scenes) - 1, -1, -1):
        scene = scenes[number]
        lines: list[Said] = []
        for place in range(len(scene) - 1, -1, -1):
            beat = scene[place]
            if beat.kind in (*OURS, "N", "P", "$"):
                at = last_working_time(at, client.zone, chance)
            lines.append(Said(beat.kind, at, "", beat.text, number))
            at -= timedelta(minutes=max(beat.gap, 0), seconds=chance.randrange(8, 55))
        placed += _on_channels(client, scene, lines)
        at = _earlier(at, client, longest, chance)
    placed.reverse()
    return tuple(placed)


def _earlier(at: datetime, client: DemoClient, longest: float, chance: random.Random) -> datetime:
    """The end of the scene before: people seldom write at night."""
    at -= timedelta(hours=chance.uniform(longest * 0.25, longest))
    local = at.astimezone(ZoneInfo(client.zone))
    return at - timedelta(hours=local.hour + 3) if local.hour < 6 and chance.random() < 0.9 else at


def _on_channels(client: DemoClient, scene: Scene, lines: list[Said]) -> list[Said]:
    """A scene keeps to one channel; where WhatsApp would not let our words through, it is in text messages."""
    third_party = client.debts[0].creditor == CONDOR
    by_text = client.channel == "sms" or begins_freely(scene) or (third_party and scene[0].kind not in (CLIENT, FILE))
    channel = "sms" if by_text and not has_file(scene) else "whatsapp"
    if channel == "sms":
        return [replace(said, channel=channel) for said in lines]
    return [replace(said, channel=_way_out(said, lines, third_party) if said.kind in OURS else channel) for said in lines]


def _way_out(said: Said, scene: list[Said], third_party: bool) -> str:
    """Where our own line of a WhatsApp scene goes: into a text message where the client's last word is too long ago by then."""
    heard = [one.at for one in scene if one.kind in (CLIENT, FILE) and one.at < said.at]
    free = said.kind == US and not (heard and said.at - max(heard) < WINDOW)
    return "sms" if third_party or free else "whatsapp"
