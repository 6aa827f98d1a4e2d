"""Wording: what a client should rather not read is pointed out where it stands, and words that only look alike pass."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from compliance.phrases import PHRASES
from compliance.wording import KINDS, warnings

POINTED_OUT = [
    ("es", "Hola Rosa, tu deuda es de $ 250.000.", "deuda", "word"),
    ("es", "Sus deudas están pendientes", "deudas", "word"),
    ("es", "Usted adeuda tres cuotas", "adeuda", "word"),
    ("es", "Su crédito está en mora", "en mora", "word"),
    ("es", "Le escribe el área de cobranza", "cobranza", "word"),
    ("es", "Estimado deudor", "deudor", "label"),
    ("es", "Figura como moroso", "moroso", "label"),
    ("es", "Es usted morosa", "morosa", "label"),
    ("es", "cliente incumplido", "incumplido", "label"),
    ("es", "No sea irresponsable", "irresponsable", "label"),
    ("es", "Procederemos al embargo de su salario", "embargo", "threat"),
    ("es", "Le embargaremos la casa", "embargaremos", "threat"),
    ("es", "Puede ir a la cárcel", "cárcel", "threat"),
    ("es", "Llamaremos a la policía", "policía", "threat"),
    ("es", "Lo demandaremos", "Lo demandaremos", "threat"),
    ("es", "Vamos a presentar una demanda", "presentar una demanda", "threat"),
    ("es", "Iniciaremos acciones legales", "acciones legales", "threat"),
    ("es", "Pasa a cobro jurídico", "cobro jurídico", "threat"),
    ("es", "Irá a juicio", "Irá a juicio", "threat"),
    ("es", "Nuestros abogados lo contactarán", "Nuestros abogados", "threat"),
    ("es", "Será reportado en el buró de crédito", "reportado en el buró", "threat"),
    ("es", "Lo reportaremos a las centrales de riesgo", "reportaremos a las centrales de riesgo", "threat"),
    ("es", "Evite un reporte negativo", "reporte negativo", "threat"),
    ("es", "Aténgase a las consecuencias", "Aténgase", "threat"),
    ("es", "Le avisaremos a su jefe", "avisaremos a su jefe", "exposure"),
    ("es", "Contactaremos a sus referencias", "Contactaremos a sus referencias", "exposure"),
    ("es", "Es su última oportunidad", "última oportunidad", "pressure"),
    ("es", "Último aviso", "Último aviso", "pressure"),
    ("es", "Urgente: comuníquese", "Urgente", "pressure"),
    ("es", "Pague ya", "Pague ya", "pressure"),
    ("es", "Requerimos pago inmediato", "pago inmediato", "pressure"),
    ("es", "Debe pagar hoy", "Debe pagar", "pressure"),
    ("es", "Antes de que sea tarde", "Antes de que sea tarde", "pressure"),
    ("es", "Por su culpa el caso avanzó", "Por su culpa", "blame"),
    ("es", "¿No le da vergüenza?", "vergüenza", "blame"),
    ("es", "¿Por qué no ha pagado?", "Por qué no ha pagado", "asking_why"),
    ("es", "por que no pagaste la cuota", "por que no pagaste", "asking_why"),
    ("es", "Indique el motivo del no pago", "motivo del no pago", "asking_why"),
    ("es", "¿A qué se debe el atraso?", "A qué se debe el atraso", "asking_why"),
    ("es", "¡URGENTE!", "¡URGENTE!", "shouting"),
    ("es", "LLAME HOY MISMO a esta línea", "LLAME HOY MISMO", "shouting"),
    ("es", "Gracias!!!", "!!!", "pressure"),
    ("pt", "Sua dívida venceu", "dívida", "word"),
    ("pt", "Você é o devedor", "devedor", "label"),
    ("pt", "cliente inadimplente", "inadimplente", "label"),
    ("pt", "Registramos inadimplência", "inadimplência", "label"),
    ("pt", "Caloteiro", "Caloteiro", "label"),
    ("pt", "Pedido de penhora dos bens", "penhora", "threat"),
    ("pt", "Dá cadeia", "cadeia", "threat"),
    ("pt", "Medidas judiciais serão tomadas", "Medidas judiciais", "threat"),
    ("pt", "Vamos processar você", "processar você", "threat"),
    ("pt", "Seu nome será negativado", "negativado", "threat"),
    ("pt", "Evite o nome sujo", "nome sujo", "threat"),
    ("pt", "Será incluído no Serasa", "incluído no Serasa", "threat"),
    ("pt", "Vamos avisar o seu chefe", "avisar o seu chefe", "exposure"),
    ("pt", "Última chance", "Última chance", "pressure"),
    ("pt", "Pague imediatamente", "Pague imediatamente", "pressure"),
    ("pt", "Por que você não pagou?", "Por que você não pagou", "asking_why"),
    ("pt", "Qual o motivo do atraso?", "motivo do atraso", "asking_why"),
    ("pt", "Que vergonha", "vergonha", "blame"),
    ("en", "Your debt is overdue", "debt", "word"),
    ("en", "Dear debtor", "debtor", "label"),
    ("en", "You could go to jail", "jail", "threat"),
    ("en", "We will take legal action", "legal action", "threat"),
    ("en", "We will call your employer", "call your employer", "exposure"),
    ("en", "Final notice", "Final notice", "pressure"),
    ("en", "Pay immediately", "immediately", "pressure"),
    ("en", "Why haven't you paid?", "Why haven't you paid", "asking_why"),
]
PASSES = [
    ("es", "Hola Rosa, tu saldo es de $ 250.000 y vence el 15 de mayo. ¿Cómo te ayudamos?"),
    ("es", "Sin embargo, podemos dividirlo en tres cuotas."),
    ("es", "La deuda externa del país subió."),
    ("es", "La deuda pública no es tema nuestro."),
    ("es", "Por alta demanda tardamos un poco en contestar."),
    ("es", "¿A su juicio, qué fecha es mejor?"),
    ("es", "Te escribe Ana, de Banco Aurora."),
    ("es", "La señora Mora pidió una copia."),
    ("es", "Sin demora te enviamos el recibo."),
    ("es", "Paga por PSE o en BBVA."),
    ("es", "Puedes pagar hasta el viernes."),
    ("es", "Si es urgente para ti, llámanos."),
    ("es", "Procesamos tu pago, gracias."),
    ("es", "Tu familia está bien, esperamos."),
    ("es", "¿Por qué medio prefieres pagar?"),
    ("es", "REF ABC123, CUENTA 0042-8813"),
    ("es", "¡Gracias!"),
    ("pt", "Seu saldo é de R$ 250,00 e vence em 15 de maio."),
    ("pt", "Vamos processar o pagamento hoje."),
    ("pt", "A dívida pública aumentou."),
    ("pt", "É uma cadeia de lojas."),
    ("pt", "Por que canal prefere falar?"),
    ("pt", "Aceitamos PIX e TED."),
    ("en", "Your balance is $250.00, due on May 15."),
    ("en", "By default we write by SMS."),
    ("en", "The national debt is in the news."),
    ("en", "Live debt-free, as they say."),
    ("en", "An issue of ours, not yours."),
    ("en", "Why not pay by card?"),
]


@pytest.mark.parametrize(("language", "text", "phrase", "kind"), POINTED_OUT, ids=lambda value: value)
def test_a_harsh_phrase_is_pointed_out_where_it_stands(language: str, text: str, phrase: str, kind: str) -> None:
    found = {(one.phrase, one.kind) for one in warnings(text, language)}
    assert (phrase, kind) in found
    assert all(text[one.start : one.end] == one.phrase and one.why == KINDS[one.kind] for one in warnings(text, language))


@pytest.mark.parametrize(("language", "text"), PASSES, ids=lambda value: value)
def test_kind_words_and_those_that_only_look_alike_pass(language: str, text: str) -> None:
    assert warnings(text, language) == []


def test_an_approved_legal_text_is_exempt() -> None:
    assert warnings("Se iniciarán acciones legales.", "es", legal=True) == []


def test_regions_and_unknown_languages_fall_back() -> None:
    assert [one.phrase for one in warnings("Sua dívida", "pt-BR")] == ["dívida"]
    assert [one.phrase for one in warnings("Tu deuda", "qu")] == ["deuda"]


def test_places_are_right_whatever_stands_before() -> None:
    text = unicodedata.normalize("NFD", "Última línea 👍🏽 ﬁn İ: cárcel\ny DEUDA.")
    found = warnings(text, "es")
    assert [unicodedata.normalize("NFC", one.phrase) for one in found] == ["cárcel", "DEUDA"]
    assert all(text[one.start : one.end] == one.phrase for one in found)


def test_warnings_come_in_order_and_never_one_inside_another() -> None:
    found = warnings("PAGUE SU DEUDA YA!! Última oportunidad, deudor moroso.", "es")
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    assert [one.kind for one in found] == ["shouting", "pressure", "pressure", "label", "label"]


def test_every_language_points_out_every_kind_of_word() -> None:
    for language, phrases in PHRASES.items():
        assert {kind for _, kind, _ in phrases} == set(KINDS) - {"shouting"}, language


def test_a_long_text_is_read_quickly() -> None:
    """Ten thousand characters while somebody types: no pattern may walk back and forth."""
    import time

    text = "por que no " * 900
    began = time.perf_counter()
    warnings(text, "es")
    assert time.perf_counter() - began < 0.5
