"""What the demo's clients and agents have said: short, kind, believable. `<` is the client, `>` is us; the number is minutes since the line before."""

from __future__ import annotations

Line = tuple[str, int, str]

STORIES: tuple[tuple[Line, ...], ...] = (
    (
        (
            ">",
            0,
            "Hola, {first}. Soy {agent}, de Banco Aurora. Su cuenta terminada en {last4} tiene un pago pendiente de {minimum}. ¿Le ayudo a ponerla al día?",
        ),
        ("<", 34, "Buenas tardes, sí señora. ¿puedo pagar la mitad el viernes?"),
        (">", 6, "Claro que sí, {first}. ¿Le queda bien {half} el viernes y el resto el 30?"),
        ("<", 9, "Perfecto, así quedamos. Gracias por entender"),
    ),
    (
        (">", 0, "Hola, {first}. Su cuenta {last4} de Banco Aurora vence pronto. Puede pagar en cajeros, corresponsales o PSE."),
        ("<", 190, "Ya pagué ayer en un corresponsal, ¿cuánto demora en aparecer?"),
        (
            ">",
            12,
            "Gracias por avisar, {first}. Suele verse en uno o dos días hábiles. Si no aparece, envíeme el número del recibo y lo reviso.",
        ),
        ("<", 3, "Listo muchas gracias"),
    ),
    (
        (">", 0, "Buenos días, {first}. Le escribe {agent}, de Banco Aurora, por su cuenta {last4}. ¿Es buen momento para hablar?"),
        ("<", 61, "No puedo ahora, estoy trabajando. Me escribe después de las 5 por favor"),
        (">", 2, "Con gusto. Le escribo después de las cinco."),
    ),
    (
        ("<", 0, "Hola, me llegó un mensaje pero no reconozco ese valor"),
        (">", 8, "Hola, {first}. Con gusto lo revisamos. ¿Qué valor esperaba ver?"),
        ("<", 4, "Yo tenía {half} en el extracto y me aparece más"),
    ),
    (
        (">", 0, "Hola, {first}. Para su comodidad puede pagar {minimum} con la referencia {reference} en cualquier corresponsal."),
        ("<", 25, "cuánto es el pago mínimo este mes?"),
        (">", 3, "El mínimo es {minimum}, {first}, y puede hacerlo hasta el 30."),
        ("<", 11, "ok, el lunes me pagan y lo hago"),
    ),
    (
        ("<", 0, "Buen día, quiero saber cómo puedo pagar por internet"),
        (">", 5, "Buen día, {first}. Por PSE, desde la página de Banco Aurora, con la referencia {reference}. ¿Le ayudo con algo más?"),
        ("<", 2, "No señorita, muy amable"),
    ),
    (
        (
            ">",
            0,
            "Hola, {first}. Entendemos que a veces las cosas se complican. Si lo necesita, podemos mirar un plan en cuotas para su cuenta {last4}.",
        ),
        ("<", 240, "Me quedé sin trabajo el mes pasado. Qué opciones tengo?"),
        (">", 15, "Lamento oírlo, {first}. Podemos dejar cuotas más pequeñas. ¿Qué valor podría pagar al mes sin apuros?"),
        ("<", 33, "Unos 80 mil creo"),
    ),
    (
        (">", 0, "Hola, {first}. Recuerde que su pago de {minimum} vence mañana."),
        ("<", 17, "Gracias por recordarme, hoy mismo lo hago"),
    ),
    (
        ("<", 0, "Buenas, cambié de número, este es el nuevo"),
        (">", 7, "Gracias por avisar, {first}. Antes de actualizarlo le haremos unas preguntas por su seguridad."),
        ("<", 2, "bueno, cuando quieran"),
    ),
    (
        (">", 0, "Hola, {first}. Le escribimos de Banco Aurora por su cuenta {last4}."),
        ("<", 45, "BAJA"),
    ),
    (
        ("<", 0, "Necesito el paz y salvo, ya terminé de pagar"),
        (">", 20, "¡Felicitaciones, {first}! Lo pedimos hoy; le llega en cinco días hábiles."),
        ("<", 1, "Qué bueno, mil gracias"),
    ),
    ((">", 0, "Hola, {first}. Soy {agent}, de Banco Aurora. ¿Le puedo ayudar con su cuenta {last4}?"),),
)

TRIAGE_LINES = (
    "Buenas tardes, me dejaron este número, ¿de qué se trata?",
    "hola quien es?",
    "Yo no soy la señora que buscan, este celular es mío hace un año",
)
