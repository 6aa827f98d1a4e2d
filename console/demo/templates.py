"""The demo's prepared texts: WhatsApp templates that a carrier reviews, and canned replies. Kind words only; names of places as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from base.db import Tx
from inbox.authoring import CANNED, TEMPLATE, NewTemplate, record_template
from inbox.access import Reader

# Approved at first, and paused by the carrier afterwards, so that it can be seen what that looks like.
PAUSED = "novedades_cuenta"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared text as it was recorded, for the messages that used it."""

    id: UUID
    text: NewTemplate


_WHATSAPP = (
    ("saludo_cuenta", "es", "Hola, {{first_name}}. Soy {{agent_name}}, de {{creditor}}. Le escribo por su cuenta {{product_last4}}: el pago de este mes es {{minimum_due}}. ¿Le ayudo?"),
    ("como_pagar", "es", "{{first_name}}, puede pagar {{minimum_due}} con la referencia {{payment_reference}}. Si algo no funciona, nos escribe por aquí y lo vemos juntos."),
    ("propuesta_plan", "es", "Hola, {{first_name}}. Su saldo con {{creditor}} es {{total_due}}. Podemos dejarlo en dos, tres o seis cuotas, sin recargo. ¿Cuál le queda mejor?"),
    ("recordatorio_promesa", "es", "Hola, {{first_name}}. Un recordatorio amable de lo que acordamos para su cuenta {{product_last4}} de {{creditor}}. Si algo cambió, nos cuenta."),
    ("gracias_pago", "es", "¡Gracias, {{first_name}}! Recibimos su pago de la cuenta {{product_last4}}. En uno o dos días hábiles lo verá en su saldo."),
    ("disculpa_persona", "es", "Disculpe la molestia. Ya quitamos este número de la cuenta de {{creditor}} y no le volveremos a escribir."),
    ("verificacion", "es", "Hola. Antes de hablar de una cuenta de {{creditor}} queremos cuidar sus datos. ¿Nos confirma si hablamos con {{client_name}}, por favor?"),
    ("ayuda_dificultad", "es", "{{first_name}}, gracias por contarnos. {{creditor}} tiene pausas y cuotas más pequeñas para momentos difíciles. Un compañero le explica sin compromiso."),
    ("saudacao_conta", "pt", "Olá, {{first_name}}. Aqui é {{agent_name}}, do {{creditor}}. Escrevo sobre a sua conta {{product_last4}}: o pagamento deste mês é {{minimum_due}}. Posso ajudar?"),
    ("como_pagar", "pt", "{{first_name}}, você pode pagar {{minimum_due}} com a referência {{payment_reference}}. Se algo não funcionar, escreva por aqui e vemos juntos."),
    ("proposta_plano", "pt", "Olá, {{first_name}}. O seu saldo com o {{creditor}} é {{total_due}}. Podemos deixar em duas, três ou seis parcelas, sem acréscimo. Qual fica melhor?"),
    ("lembrete_promessa", "pt", "Olá, {{first_name}}. Um lembrete do que combinamos para a sua conta {{product_last4}} do {{creditor}}. Se algo mudou, é só contar."),
    ("obrigado_pagamento", "pt", "Obrigado, {{first_name}}! Recebemos o seu pagamento da conta {{product_last4}}. Em um ou dois dias úteis ele aparece no saldo."),
    ("desculpa_pessoa", "pt", "Desculpe o incômodo. Já tiramos este número da conta do {{creditor}} e não vamos mais escrever para você."),
    ("ajuda_dificuldade", "pt", "{{first_name}}, obrigado por contar. O {{creditor}} tem pausas e parcelas menores para momentos difíceis. Um colega explica sem compromisso."),
    # Too many places for so few words: the carrier rejects it.
    ("resumen_corto", "es", "Hola {{first_name}}: {{creditor}} {{product_last4}}, {{total_due}} o {{minimum_due}}, {{payment_reference}} gracias."),
    (PAUSED, "es", "Hola, {{first_name}}. Hay novedades de su cuenta {{product_last4}} con {{creditor}}. Escríbanos cuando le quede bien y se las contamos."),
)  # fmt: skip
_BUTTONS = {
    ("propuesta_plan", "es"): ("Dos cuotas", "Tres cuotas", "Seis cuotas"),
    ("proposta_plano", "pt"): ("Duas parcelas", "Três parcelas", "Seis parcelas"),
    ("recordatorio_promesa", "es"): ("Ya pagué", "Necesito otra fecha"),
    ("lembrete_promessa", "pt"): ("Já paguei", "Preciso de outra data"),
}
_CANNED = (
    ("saludo", "es", "Hola, {{first_name}}. Soy {{agent_name}}, de {{creditor}}. ¿En qué le ayudo?"),
    ("cómo pagar", "es", "Puede pagar {{minimum_due}} con la referencia {{payment_reference}}, por la app, por internet o en efectivo."),
    ("saldo", "es", "Su saldo con {{creditor}} es {{total_due}}, y el mínimo de este mes {{minimum_due}}, hasta el {{due_on}}."),
    ("plan", "es", "Podemos repartir {{total_due}} en cuotas que le queden cómodas. ¿Qué valor podría pagar al mes sin apuros?"),
    ("gracias", "es", "¡Gracias, {{first_name}}! Quedo pendiente por aquí para lo que necesite."),
    ("recibo", "es", "Gracias, {{first_name}}. ¿Nos comparte una foto del comprobante, por favor? Así lo vemos más rápido."),
    ("persona equivocada", "es", "Disculpe la molestia. Quitamos este número y no le volveremos a escribir por este asunto."),
    ("verificar", "es", "Antes de hablar de la cuenta, y por su seguridad: ¿hablo con {{client_name}}?"),
    ("dificultad", "es", "Lamento leerlo, {{first_name}}. Vamos paso a paso: podemos hacer una pausa o dejar cuotas más pequeñas. ¿Qué le sirve más?"),
    ("reviso", "es", "Lo reviso y le escribo hoy mismo, {{first_name}}. Gracias por la paciencia."),
    ("saudação", "pt", "Olá, {{first_name}}. Aqui é {{agent_name}}, do {{creditor}}. Como posso ajudar?"),
    ("como pagar", "pt", "Você pode pagar {{minimum_due}} por Pix ou boleto, com a referência {{payment_reference}}."),
    ("saldo", "pt", "O seu saldo com o {{creditor}} é {{total_due}}, e o mínimo deste mês {{minimum_due}}."),
    ("plano", "pt", "Podemos dividir {{total_due}} em parcelas que caibam no mês. Quanto ficaria bom para você?"),
    ("obrigado", "pt", "Obrigado, {{first_name}}! Qualquer coisa, estou por aqui."),
    ("pessoa errada", "pt", "Desculpe o incômodo. Tiramos este número e não vamos mais escrever sobre este assunto."),
    ("dificuldade", "pt", "Sinto muito, {{first_name}}. Vamos por partes: podemos fazer uma pausa ou parcelas menores. O que ajuda mais?"),
)  # fmt: skip


async def write_templates(tx: Tx, author: Reader) -> dict[tuple[str, str], Prepared]:
    """Record them all; the WhatsApp ones by name and language."""
    found: dict[tuple[str, str], Prepared] = {}
    for name, language, body in _WHATSAPP:
        buttons = [
            {"type": "reply", "id": f"{name}_{number}", "title": title} for number, title in enumerate(_BUTTONS.get((name, language), ()), 1)
        ]
        new = NewTemplate(TEMPLATE, name, language, body, channel="whatsapp", category="UTILITY", buttons=buttons)
        found[name, language] = Prepared(await record_template(tx, author, new), new)
    for name, language, body in _CANNED:
        await record_template(tx, author, NewTemplate(CANNED, name, language, body))
    return found
