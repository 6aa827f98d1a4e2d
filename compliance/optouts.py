"""Opt-outs: recognised in the client's words, recorded at once, and lifted only by the client's own word.

Only a message that *is* a keyword or one of the plain sentences counts, with or without a "please". In Spanish and Portuguese CANCELAR means to
pay, and is not one; that, and a keyword inside a longer sentence, is for a person to judge. Until somebody did, the doubt closes the address as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from uuid import UUID

from base.db import Tx
from base.ids import new_id

STOP_WORDS = frozenset(
    (
        "stop",
        "stop all",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "opt out",
        "optout",
        "baja",
        "de baja",
        "dar de baja",
        "darme de baja",
        "dame de baja",
        "deme de baja",
        "quiero darme de baja",
        "alto",
        "pare",
        "parar",
        "salir",
        "no mas",
        "no mas mensajes",
        "no me escriban",
        "no me escriban mas",
        "no me escriba mas",
        "no me escribas mas",
        "no me vuelvan a escribir",
        "no me manden mas mensajes",
        "no me envien mas mensajes",
        "dejen de escribirme",
        "deje de escribirme",
        "dejen de mandarme mensajes",
        "dejen de enviarme mensajes",
        "no quiero mas mensajes",
        "no quiero mas mensajes suyos",
        "no quiero recibir mas mensajes",
        "no quiero recibir mas mensajes suyos",
        "no deseo recibir mas mensajes",
        "no quiero que me escriban",
        "no quiero que me escriban mas",
        "cancelar suscripcion",
        "sair",
        "descadastrar",
        "remover",
        "nao me mande mais mensagens",
        "nao me mandem mais mensagens",
        "nao me enviem mais mensagens",
        "nao me escrevam mais",
        "parem de me escrever",
        "parem de me mandar mensagens",
        "pare de me mandar mensagens",
        "nao quero mais mensagens",
        "nao quero mais receber mensagens",
        "nao quero receber mais mensagens",
        "cancelar inscricao",
        "no more messages",
        "no more texts",
        "stop texting me",
        "stop messaging me",
        "stop writing to me",
        "do not text me",
        "do not text me anymore",
        "don t text me",
        "i do not want any more messages",
        "i don t want any more messages",
    )
)
# The source of an opt-out of which nobody knows yet whether it is one.
DOUBT = "doubt"
START_WORDS = frozenset({"start", "unstop", "alta", "dar de alta", "darme de alta"})
# What politeness puts around a request changes nothing of it.
_COURTESY = re.compile(
    r"^(?:(?:hola|buenas|buenos dias|buenas tardes|oi|ola|hello|hi|por favor|porfa(?:vor)?|please|ya|ja) )+"
    r"|(?: (?:por favor|porfa(?:vor)?|please|(?:muchas )?gracias|obrigad[oa]|thanks|thank you"
    r"|(?:a|en|por|para|neste|nesse) (?:este |mi |meu )?(?:numero|celular|telefono|telefone|whatsapp|medio)|por aqui))+$"
)
# What may be a request for no more messages, or something else: a keyword in a longer sentence, and words of two meanings.
_DOUBTFUL = re.compile(
    r"^cancel(?:ar|a|e|en|em)$|\bde baja\b|^(?:\w+ ){0,5}(?:stop|parar|sair|unsubscribe|descadastrar)(?: \w+){0,5}$"
    r"|\b(?:numero|persona|pessoa) (?:equivocad|errad)[oa]\b|\bse equivoc\w+ de (?:numero|persona)\b"
    r"|\bno me (?:vuelvan? a |sigan? )?(?:escrib(?:an?|as|ir|iendo)|mand(?:en?|es|ar)|envi(?:en?|es|ar)|contact(?:en?|es|ar)|molest(?:en?|es|ar)|llam(?:en?|es|ar))\b"
    r"|\bque nadie me (?:vuelva a |siga )?(?:escrib|mand|envi|contact|molest|llam)\w*|\bque ninguem me (?:escrev|mand|envi|lig|perturb)\w*"
    r"|\b(?:dejen?|dejar|paren?|deixem?|parem?|stop|quit) (?:ya )?(?:de )?(?:me )?(?:escrib|escrev|mand|envi|molest|perturb|contact|llam|text|messag|writ|call)"
    r"|\b(?:no|nao) (?:quiero|deseo|quero|desejo) (?:(?:recibir|receber|mas|mais|sus|esos|estos|tantos|que|me) ){0,4}(?:mensa\w+|contact\w+|contato|escriban?|escrevam)\b"
    r"|\bnao me (?:mand|envi|escrev|perturb|incomod|lig)\w*\b|\b(?:don t|do not) (?:text|message|write|contact|call)\b"
)


def is_stop(text: str) -> bool:
    """Whether a message as a whole asks for no more messages, whatever its case, accents, punctuation and courtesies."""
    return _request(text) in STOP_WORDS


def is_start(text: str) -> bool:
    """Whether a message as a whole asks to be written to again."""
    return _request(text) in START_WORDS


def is_doubtful(text: str) -> bool:
    """Whether a message may ask for no more messages without plainly saying so: a person decides."""
    return not is_stop(text) and _DOUBTFUL.search(_request(text)) is not None


def _request(text: str) -> str:
    return _COURTESY.sub("", plain(text))


def plain(text: str) -> str:
    """Lower case, without accents, punctuation or double spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters).strip()


async def record_opt_out(tx: Tx, address: UUID, source: str, *, wording: str | None = None, entry: UUID | None = None) -> bool:
    """Close an address. `source` is ``word`` (the client wrote it), ``carrier``, ``creditor`` or ``agent``; returns whether it is news."""
    return bool(
        await tx.run(
            "insert into opt_out (org_id, id, address_id, source, wording, entry_id, at)"
            " values (:org, :id, :address, :source, :wording, cast(:entry as uuid), :now)"
            " on conflict (org_id, address_id, source) where revoked_at is null do nothing",
            id=new_id(),
            address=address,
            source=source,
            wording=wording,
            entry=entry,
        )
    )


async def revoke_opt_out(tx: Tx, address: UUID) -> bool:
    """The client asked to be written to again: lift what their own word, to us or to an agent, and the carrier had closed, and every doubt.
    Returns whether anything was."""
    return bool(
        await tx.run(
            "update opt_out set revoked_at = :now where org_id = :org and address_id = :address and source in ('word', 'carrier', 'agent', 'doubt')"
            " and revoked_at is null",
            address=address,
        )
    )


async def record_doubt(tx: Tx, address: UUID, wording: str, entry: UUID) -> None:
    """The client may have asked for no more messages at an address: the words of the newest such `entry` are what an agent is asked about."""
    await tx.run(
        "insert into opt_out (org_id, id, address_id, source, wording, entry_id, at) values (:org, :id, :address, :source, :wording, :entry, :now)"
        " on conflict (org_id, address_id, source) where revoked_at is null do update set wording = excluded.wording, entry_id = excluded.entry_id,"
        " at = excluded.at",
        id=new_id(),
        address=address,
        source=DOUBT,
        wording=wording,
        entry=entry,
    )


async def settle_doubt(tx: Tx, address: UUID, entry: UUID) -> bool:
    """They did not ask for it with the words of `entry`. Returns whether that was in doubt."""
    return bool(
        await tx.run(
            "update opt_out set revoked_at = :now where org_id = :org and address_id = :address and source = :source and entry_id = :entry"
            " and revoked_at is null",
            address=address,
            source=DOUBT,
            entry=entry,
        )
    )


async def open_doubt(tx: Tx, address: UUID, entry: UUID) -> None:
    """Undo `settle_doubt`. Where the client wrote so again, the newer words are in doubt already."""
    await tx.run(
        "update opt_out o set revoked_at = null where o.org_id = :org and o.address_id = :address and o.source = :source and o.entry_id = :entry"
        " and not exists (select from opt_out n where n.org_id = o.org_id and n.address_id = o.address_id and n.source = o.source"
        " and n.revoked_at is null)",
        address=address,
        source=DOUBT,
        entry=entry,
    )


async def lock_noted(tx: Tx, addresses: Sequence[UUID]) -> None:
    """Let nobody else note or take back at the same moment what agents noted of these addresses."""
    await tx.rows(
        "select id from opt_out where org_id = :org and address_id = any(:addresses) and source = 'agent' and revoked_at is null"
        " order by id for update",
        addresses=list(addresses),
    )


async def take_back_opt_outs(tx: Tx, addresses: Sequence[UUID]) -> None:
    """An agent takes back what they noted of these addresses; what the client's own word or the carrier closed stays closed."""
    if addresses:
        await tx.run(
            "update opt_out set revoked_at = :now where org_id = :org and address_id = any(:addresses) and source = 'agent' and revoked_at is null",
            addresses=list(addresses),
        )
