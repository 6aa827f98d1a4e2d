"""The columns of a file of clients: their names on screens, and every heading by which offices write them in three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from base.words import N_

PHONES: Final = tuple(f"tel{number}" for number in range(1, 7))
COLUMNS: Final = (
    "reference", "name", "document", *PHONES, "whatsapp", "email", "language", "country", "creditor", "account", "balance", "currency", "due",
    "days",
)  # fmt: skip
NEEDED: Final = ("reference", "name", "creditor")
LABELS: Final[Mapping[str, str]] = {
    "reference": N_("Reference"), "name": N_("Name"), "document": N_("Identity document"), "whatsapp": N_("WhatsApp"), "email": N_("Email"),
    "language": N_("Language"), "country": N_("Country"), "creditor": N_("Creditor"), "account": N_("Account"), "balance": N_("Balance"),
    "currency": N_("Currency"), "due": N_("Due on"), "days": N_("Days past due"), **dict.fromkeys(PHONES, N_("Phone")),
}  # fmt: skip
_TITLES: Final = {
    "reference": "reference ref referencia id identificador codigo codigocliente codigodocliente",
    "name": "name nombre nome cliente nombrecompleto nomecompleto nombrecliente nombredelcliente nomecliente nomedocliente",
    "document": "identitydocument document documento documentodeidentidad documentodeidentidade numerodedocumento numerodocumento"
    " identificacion cedula cc dni rut rfc curp cpf nit",
    "whatsapp": "whatsapp wa whats",
    "email": "email correo correoelectronico mail",
    "language": "language idioma lengua",
    "country": "country pais",
    "creditor": "creditor acreedor credor cartera carteira portafolio portfolio",
    "account": "account accountreference cuenta conta referenciacuenta referenciadecuenta obligacion credito contrato numerodecuenta"
    " numerodaconta numerodecontrato numerodocontrato",
    "balance": "balance saldo saldototal saldoactual saldoatual saldodevedor saldopendiente saldopendente saldovencido total monto valor"
    " deuda divida valordevido valortotal montoadeudado",
    "currency": "currency moneda moeda divisa",
    "due": "due dueon duedate vence venceel venceem vencimiento vencimento fechavencimiento fechadevencimiento datavencimento"
    " datadevencimento fechalimite",
    "days": "days dayslate dayspastdue dias diasdeatraso diasatraso diasvencidos diasenmora diasemmora mora diasmora"
    " diasdemora diasematraso atraso",
}
_PHONE_WORDS: Final = "tel telefono telefone phone celular movil movel fone telephone".split()
HEADINGS: Final[Mapping[str, str]] = {
    **{heading: column for column, headings in _TITLES.items() for heading in headings.split()},
    **{f"{word}{number}": f"tel{number}" for number in range(1, 7) for word in _PHONE_WORDS},
    **dict.fromkeys(_PHONE_WORDS, "tel1"),
}


def title(column: str, label: str) -> str:
    """What heads a column in a file: its label, and for the second phone and more their number. `HEADINGS` understands it."""
    return f"{label} {column[3:]}" if column in PHONES[1:] else label
