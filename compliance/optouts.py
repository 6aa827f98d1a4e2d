"""Opt-outs: recognised in the client's words, recorded at once, and lifted only by the client's own word.

Only a message that *is* a keyword counts. In Spanish and Portuguese CANCELAR means to pay, and is not one; a keyword inside a longer
sentence is for a person to judge.
"""

from __future__ import annotations

import re
import unicodedata
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
        "cancelar suscripcion",
        "sair",
        "descadastrar",
        "remover",
        "nao me mande mais mensagens",
        "cancelar inscricao",
    )
)
START_WORDS = frozenset({"start", "unstop", "alta", "dar de alta", "darme de alta"})


def is_stop(text: str) -> bool:
    """Whether a message as a whole is an opt-out keyword, whatever its case, accents and punctuation."""
    return plain(text) in STOP_WORDS


def is_start(text: str) -> bool:
    """Whether a message as a whole asks to be written to again."""
    return plain(text) in START_WORDS


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
    """The client asked to be written to again: lift what the client's own word and the carrier had closed. Returns whether anything was."""
    return bool(
        await tx.run(
            "update opt_out set revoked_at = :now where org_id = :org and address_id = :address and source in ('word', 'carrier') and revoked_at is null",
            address=address,
        )
    )
