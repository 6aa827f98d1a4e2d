"""What clients say on their own: short, everyday words of each country. No word here may read as a wish to stop being written to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

Reply = tuple[re.Pattern[str], tuple[str, ...]]
# Each country's own words for the places of the Spanish lines; Brazil speaks for itself.
LOCAL: Mapping[str, Mapping[str, str]] = {
    "CO": {"online": "PSE", "cash": "Efecty", "wallet": "Nequi", "paid_in": "Ya consigné", "give": "¿Me regalan", "ok": "Listo"},
    "MX": {"online": "SPEI", "cash": "el OXXO", "wallet": "CoDi", "paid_in": "Ya hice el depósito", "give": "¿Me pasan", "ok": "Sale"},
    "CL": {"online": "transferencia", "cash": "Servipag", "wallet": "MACH", "paid_in": "Ya transferí", "give": "¿Me dan", "ok": "Ya"},
    "PE": {"online": "banca móvil", "cash": "el agente", "wallet": "Yape", "paid_in": "Ya hice el yapeo", "give": "¿Me dan", "ok": "Ya"},
}
HOME = "CO"
OPENERS: Mapping[str, tuple[str, ...]] = {
    "es": (
        "Buenas, ¿cuánto tengo por pagar a la fecha?",
        "Buenos días, quiero ponerme al día, ¿qué opciones me dan?",
        "Hola, ¿hasta qué día puedo pagar sin que me suban los intereses?",
        "Buenas tardes, ¿me pueden enviar el monto exacto de la cuota?",
        "¿Puedo pagar por {online} o tiene que ser en el banco?",
        "Hola, me pagan a fin de mes, ¿puedo abonar ese día?",
        "Ayer hice un abono, ¿ya les aparece?",
        "Buenas, ¿por {wallet} se puede?",
        "¿Cuál es el número de referencia para el pago?",
        "Hola, perdí el recibo, ¿me lo mandan de nuevo por favor?",
        "Este mes solo alcanzo a pagar la mitad, ¿sirve?",
        "Buen día, ¿si pago todo junto me hacen algún descuento?",
        "{paid_in} esta mañana, quedo al pendiente",
        "¿A qué hora atienden por teléfono?",
        "Me quedé sin trabajo el mes pasado, quisiera un acuerdo",
        "¿El pago se refleja el mismo día?",
        "Buenas, ¿la cuota de este mes en cuánto quedó?",
        "{give} el link de pago por favor?",
        "Cambié de celular, este es mi número nuevo",
        "Hola, ¿en cuántas cuotas me lo pueden dejar?",
        "¿Ese saldo ya incluye los intereses?",
        "El viernes paso por {cash} y pago",
        "Disculpe la demora, estuve fuera de la ciudad",
        "¿Me confirman si les llegó el comprobante?",
    ),
    "pt": (
        "Oi, quanto falta para eu ficar em dia?",
        "Bom dia, quais são as opções de parcelamento?",
        "Até que dia consigo pagar sem juros?",
        "Boa tarde, podem mandar o boleto de novo?",
        "Dá para pagar por Pix?",
        "Recebo no dia 5, posso pagar nesse dia?",
        "Paguei ontem, já aparece aí?",
        "Qual é a referência do pagamento?",
        "Esse mês só consigo a metade, serve?",
        "Se eu pagar tudo de uma vez tem desconto?",
        "Troquei de celular, este é o meu número novo",
        "O boleto não chegou no meu e-mail",
        "Em quantas parcelas vocês conseguem deixar?",
        "Vocês atendem por telefone até que horas?",
        "Esse saldo já vem com os juros?",
        "Chegou o meu comprovante?",
    ),
}
REPLIES: Mapping[str, tuple[Reply, ...]] = {
    "es": (
        (
            re.compile(r"comprobante|soporte|recib", re.IGNORECASE),
            (
                "{ok}, ya se lo busco y se lo mando",
                "Lo tengo en papel, ¿le tomo una foto?",
                "Se los envío en la noche que llegue a la casa",
            ),
        ),
        (
            re.compile(r"acuerdo|cuotas|plan|descuento", re.IGNORECASE),
            ("Me sirve, ¿en cuántas cuotas sería?", "¿Y la primera cuota para cuándo?", "Déjeme hablarlo en la casa y le confirmo mañana"),
        ),
        (
            re.compile(r"pag|cuota|saldo|valor|\$", re.IGNORECASE),
            (
                "{ok}, el viernes hago el pago",
                "¿Puedo pagar la mitad ahora y el resto a fin de mes?",
                "Ok, ¿por dónde pago?",
                "Ese monto me parece mucho, ¿me explica por favor?",
                "Con gusto, hoy mismo lo pago por {online}",
            ),
        ),
        (
            re.compile(r"identidad|c[eé]dula|nacimiento|verific|confirm", re.IGNORECASE),
            ("Sí, soy yo", "¿Para qué necesitan ese dato?", "Claro, dígame qué necesita"),
        ),
        (
            re.compile(r"gracias|quedamos|feliz|buen d[ií]a|buenas", re.IGNORECASE),
            ("Gracias a usted, muy amable", "{ok}, quedo al pendiente", "Bueno, muchas gracias"),
        ),
        (re.compile(r"\?"), ("Sí, así es", "Déjeme reviso y le cuento", "No sé bien, ¿me lo explica otra vez?")),
        (re.compile(""), ("{ok}, muchas gracias", "Ok, entiendo", "Bueno, espero noticias", "Perfecto, gracias por avisar")),
    ),
    "pt": (
        (re.compile(r"comprovante|recibo", re.IGNORECASE), ("Já procuro e mando", "Tenho em papel, tiro uma foto?", "Mando à noite")),
        (re.compile(r"acordo|parcel|plano|desconto", re.IGNORECASE), ("Gostei, em quantas vezes fica?", "E a primeira parcela é quando?")),
        (re.compile(r"pag|saldo|valor|\$", re.IGNORECASE), ("Na sexta eu pago", "Ok, por onde eu pago?", "Pago hoje mesmo por Pix")),
        (re.compile(r"\?"), ("Isso mesmo", "Vou ver e já falo", "Não entendi, pode explicar de novo?")),
        (re.compile(""), ("Tá bom, valeu", "Ok, entendi", "Combinado, agradeço", "Beleza, fico esperando")),
    ),
}


@cache
def openers(country: str) -> tuple[str, ...]:
    """What a client of a country (ISO code; of one that is not known, as at home) may begin with."""
    return _local(OPENERS[_language(country)], country)


def fitting_replies(text: str, country: str) -> tuple[str, ...]:
    """What a client of a country could well say to these words of ours."""
    return _local(next(lines for pattern, lines in REPLIES[_language(country)] if pattern.search(text)), country)


def _local(lines: tuple[str, ...], country: str) -> tuple[str, ...]:
    words = LOCAL.get(country, LOCAL[HOME])
    return tuple(line.format_map(words) for line in lines)


def _language(country: str) -> str:
    return "pt" if country == "BR" else "es"
