"""What clients say on their own: short, everyday Colombian Spanish. No word here may read as a wish to stop being written to."""

from __future__ import annotations

import re

OPENERS = (
    "Buenas, ¿cuánto estoy debiendo a la fecha?",
    "Buenos días, quiero ponerme al día, ¿qué opciones me dan?",
    "Hola, ¿hasta qué día puedo pagar sin que me suban los intereses?",
    "Buenas tardes, ¿me pueden enviar el valor exacto de la cuota?",
    "¿Puedo pagar por PSE o tiene que ser en el banco?",
    "Hola, me pagan el 30, ¿puedo abonar ese día?",
    "Ayer hice un abono de $120.000, ¿ya les aparece?",
    "Buenas, ¿por Nequi se puede?",
    "¿Cuál es el número de referencia para el pago?",
    "Hola, perdí el recibo, ¿me lo mandan de nuevo por favor?",
    "Este mes solo alcanzo a pagar la mitad, ¿sirve?",
    "Buen día, ¿si pago todo de una me hacen algún descuento?",
    "Ya consigné esta mañana, quedo pendiente",
    "¿A qué hora atienden por teléfono?",
    "Me quedé sin trabajo el mes pasado, quisiera un acuerdo",
    "¿El pago se refleja el mismo día?",
    "Buenas, ¿la cuota de este mes en cuánto quedó?",
    "¿Me regalan el link de pago por favor?",
    "Cambié de celular, este es mi número nuevo",
    "Hola, ¿en cuántas cuotas me lo pueden dejar?",
    "¿Ese saldo ya incluye los intereses?",
    "El viernes paso por Efecty y pago",
    "Disculpe la demora, estuve fuera de la ciudad",
    "¿Me confirman si les llegó el comprobante?",
)

REPLIES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(r"comprobante|soporte|recib", re.IGNORECASE),
        ("Listo, ya se lo busco y se lo mando", "Lo tengo en papel, ¿le tomo una foto?", "Se los envío en la noche que llegue a la casa"),
    ),
    (
        re.compile(r"acuerdo|cuotas|plan|descuento", re.IGNORECASE),
        ("Me sirve, ¿en cuántas cuotas sería?", "¿Y la primera cuota para cuándo?", "Déjeme hablarlo en la casa y le confirmo mañana"),
    ),
    (
        re.compile(r"pag|cuota|saldo|valor|\$", re.IGNORECASE),
        (
            "Listo, el viernes hago el pago",
            "¿Puedo pagar $150.000 ahora y el resto el 15?",
            "Ok, ¿por dónde pago?",
            "Ese valor lo veo subido, ¿me explica por favor?",
            "Con gusto, hoy mismo lo pago por PSE",
        ),
    ),
    (
        re.compile(r"identidad|c[eé]dula|nacimiento|verific|confirm", re.IGNORECASE),
        ("Sí, soy yo", "¿Para qué necesitan ese dato?", "Claro, dígame qué necesita"),
    ),
    (
        re.compile(r"gracias|quedamos|feliz|buen d[ií]a|buenas", re.IGNORECASE),
        ("Gracias a usted, muy amable", "Listo, quedo pendiente", "Bueno, muchas gracias"),
    ),
    (re.compile(r"\?"), ("Sí señora, así es", "Déjeme reviso y le cuento", "No estoy segura, ¿me lo explica otra vez?")),
)
PLAIN_REPLIES = ("Listo, muchas gracias", "Ok, entiendo", "Vale, quedo atenta", "Perfecto, gracias por avisar")


def fitting_replies(text: str) -> tuple[str, ...]:
    """What a client could well say to these words of ours."""
    return next((lines for pattern, lines in REPLIES if pattern.search(text)), PLAIN_REPLIES)
