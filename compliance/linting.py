"""Linting of prepared texts: does it say how much, by when, how to pay, who writes, and how to ask for no more? Hints; they never stop a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from base.words import N_

# In folded letters, in all of our languages at once: a text is of one, and a word of another does no harm in a hint.
_SAYS: Final = {
    "who": r"\{\{(creditor|organisation|agent_name)\}\}",
    "amount": r"\{\{(total_due|minimum_due|\w*(amount|monto|valor|importe|quota|cuota)\w*)\}\}|[$€]\s?\d|\d\s?(pesos|reais|soles|euros|dolares)\b",
    "date": r"\{\{(due_on|\w*(date|fecha|data|dia)\w*)\}\}|\b\d{1,2}[/-]\d{1,2}\b|\b\d{1,2} (de )?(ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic|jan|fev|abr"
    r"|mai|set|out|dez|apr|aug|dec)|\b(hoy|manana|hoje|amanha|today|tomorrow)\b",
    "pay": r"\{\{(payment_reference|\w*(link|url|enlace|pago|pay)\w*)\}\}|https?://|\bwww\.|\b(pse|pix|boleto|oxxo|spei|webpay|corresponsal|efecty|clabe)\b"
    r"|\btransfer|\b(enlace|link)\b|\b(paga|pagar|pague|pay) (en|no|na|por|pelo|with|at|here|aqui)\b",
    "opt_out": r"\b(baja|stop|salir|sair|parar|cancelar|unsubscribe)\b|\bno (quieres? )?(recibir|que te escriba)|\bnao (quer )?receber",
}
ADVICE: Final = {
    "who": N_("Say who writes: the client should not have to guess."),
    "amount": N_("Say how much, so that nobody has to ask."),
    "date": N_("Say by when."),
    "pay": N_("Say how or where to pay."),
    "opt_out": N_("Say how to ask for no more messages, such as “BAJA”."),
}
_COMPILED: Final = {name: re.compile(pattern) for name, pattern in _SAYS.items()}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a text about an account should say. `name` is one of `ADVICE`; `said` is whether it does, as far as words tell."""

    name: str
    said: bool

    @property
    def advice(self) -> str:
        """What to add: an English msgid."""
        return ADVICE[self.name]


def lint(body: str, titles: Sequence[str] = ()) -> tuple[Point, ...]:
    """What a template's words and the `titles` of its buttons say. The places of `body` stand in double braces."""
    text = _fold(" ".join((re.sub(r"\{\{\s*(\w+)\s*\}\}", r"{{\1}}", body), *titles)))
    return tuple(Point(name, found.search(text) is not None) for name, found in _COMPILED.items())


def _fold(text: str) -> str:
    """Small letters without accents."""
    return "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))
