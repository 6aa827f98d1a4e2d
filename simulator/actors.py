"""Clients who answer by a script: what they say to each message that reaches their phone."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec

from simulator.addresses import PHONE, on_whatsapp
from simulator.carrier import Carrier
from simulator.inbound import Attachment, Button, Choice, Words, speak
from simulator.records import Message, Phone
from simulator.scripts import Line, Rule, Script, ScriptError, find_rule, read_scripts, split_choice
from simulator.whatsapp import press_of

CUSTOM = "scripts"


class Actors:
    """Hands out scripts to phones and plays them. What was said how often stays on the phone's record."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        own = msgspec.json.decode(carrier.store.setting(CUSTOM) or "[]", type=list[Script])
        self._own = {script.name: script for script in own}
        self._scripts = read_scripts()
        carrier.when_delivered(self._answer)

    @property
    def scripts(self) -> dict[str, Script]:
        """All scripts by name; one set from outside replaces that of the same name."""
        return self._scripts | self._own

    def define(self, script: Script) -> None:
        """Keep a script durably. Raises `ScriptError`."""
        script.check()
        self._own[script.name] = script
        self._carrier.store.set(CUSTOM, msgspec.json.encode(list(self._own.values())).decode())

    def cast(self, owner: str, choice: str, *, start: bool = False, channel: str = "whatsapp") -> Phone:
        """Let an owner answer by a script from the beginning (``""``: no longer). With `start` they write first, if it has an opening.

        Raises `ScriptError`.
        """
        phones = self._carrier.store.phones
        name, _ = split_choice(choice)
        if name and name not in self.scripts:
            raise ScriptError(f"There is no script {name!r}. There are: {', '.join(self.scripts)}.")
        phone = phones.get(owner)
        script = self.scripts.get(name)
        hidden = phone.username_only or (script is not None and script.username_only)
        phone = phones.keep(replace(phone, script=choice, taken={}, username_only=hidden))
        if start and script and script.opens:
            address = on_whatsapp(owner) if channel == "whatsapp" or not PHONE.fullmatch(owner) else owner
            self._carrier.spawn(self._say(address, script.opens, None, choice, "turn", 0))
        return phone

    def _answer(self, message: Message) -> None:
        phones = self._carrier.store.phones
        phone = phones.get(phones.owner_of(message.recipient))
        script = self.scripts.get(split_choice(phone.script)[0])
        found = find_rule(script, message, phone.taken) if script else None
        if found is None:
            return
        key, rule = found
        used = phone.taken.get(key, 0)
        phones.keep(replace(phone, taken=phone.taken | {key: used + 1}))
        self._carrier.keep_running(self._play(rule, message, phone, used))

    async def _play(self, rule: Rule, message: Message, phone: Phone, used: int) -> None:
        await asyncio.sleep(rule.after)
        now = self._carrier.store.phones.get(phone.owner)
        if now.script == phone.script:
            await self._say(message.recipient, rule.say, message, phone.script, rule.pick, used)

    async def _say(self, address: str, lines: tuple[Line, ...], message: Message | None, choice: str, pick: str, used: int) -> None:
        for line in lines:
            await asyncio.sleep(line.after)
            text = self._text(line, address, choice, pick, used)
            parts: dict[str, Any] = {"place": line.place} if line.place else {}
            if line.sample:
                parts["media"] = (Attachment(sample=line.sample),)
            pressed = press_of(message, line.press) if message and line.press is not None else None
            if pressed and message:
                parts |= {name: msgspec.convert(value, {"button": Button, "list": Choice}[name]) for name, value in pressed.items()}
                parts["reply_to"] = message.sid
            if text or parts:
                await speak(self._carrier, Words(sender=address, text=text, **parts))

    def _text(self, line: Line, address: str, choice: str, pick: str, used: int) -> str:
        """One of the line's texts: in turn from one that differs by client, or always that of the variant."""
        if not line.text:
            return ""
        own = sum(self._carrier.store.phones.owner_of(address).encode())
        variant = split_choice(choice)[1]
        at = (variant - 1 if variant else own) if pick == "variant" else own + used
        return line.text[at % len(line.text)] * line.repeat
