"""Small real files that clients send, drawn here: a photo, a paid receipt, a letter, a voice note and a document of one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from simulator.drawing import Canvas, photograph
from simulator.sound import make_voice_note

# The way of paying that each country's receipts name. A receipt shows neither amount nor day, so that it fits every client's.
PAID_BY = {"CO": "PSE", "MX": "SPEI", "CL": "TRANSFERENCIA", "PE": "YAPE", "BR": "PIX"}
RECEIPT = {
    "es": (
        "COMPROBANTE DE PAGO", "", "CANAL     {paid_by}", "OPERACION 884201", "", "ESTADO: APROBADO", "", "CONSERVE ESTE RECIBO", "",
        "GRACIAS POR SU PAGO",
    ),
    "pt": (
        "COMPROVANTE", "", "MEIO      {paid_by}", "OPERACAO  884201", "", "SITUACAO: APROVADA", "", "GUARDE ESTE RECIBO", "", "AGRADECEMOS",
    ),
}  # fmt: skip
LETTER = {
    "es": (
        "SENORES:", "", "ME SUSPENDIERON EN LA", "EMPRESA Y PIDO UN PLAN", "DE PAGOS MAS BAJO POR", "UNOS MESES.", "",
        "ADJUNTO LA CARTA DE", "LA EMPRESA.", "", "ATENTAMENTE,",
    ),
    "pt": (
        "PREZADOS,", "", "PERDI O EMPREGO E PECO", "PARCELAS MENORES POR", "ALGUNS MESES.", "", "SEGUE A CARTA DA", "EMPRESA.", "",
        "ATENCIOSAMENTE,",
    ),
}  # fmt: skip
DOCUMENT = ("CERTIFICADO", "", "Se hace constar que la cuota de este mes", "fue pagada.", "", "Referencia 884201")


@dataclass(frozen=True, slots=True)
class Sample:
    """A file by name and type; `draw` makes its bytes for a client of a country, the same every time."""

    name: str
    content_type: str
    draw: Callable[[str], bytes]


@cache
def draw_receipt(country: str) -> bytes:
    """A photo of a paid receipt on a table."""
    lines = tuple(line.format(paid_by=PAID_BY.get(country, PAID_BY["CO"])) for line in RECEIPT[_language(country)])
    return photograph(lines, paper=(250, 249, 244), ink=(40, 44, 52), table=(122, 92, 66), lean=0.05)


@cache
def draw_letter(country: str) -> bytes:
    """A photo of a letter."""
    return photograph(LETTER[_language(country)], paper=(245, 245, 250), ink=(34, 48, 96), table=(70, 84, 88), lean=-0.04)


def _language(country: str) -> str:
    return "pt" if country == "BR" else "es"


@cache
def draw_photo(_: str) -> bytes:
    """A street at dusk: a shop with its lights on."""
    canvas = Canvas(480, 360, (0, 0, 0))
    for y in range(360):
        canvas.fill(0, y, 480, 1, (250 - y // 3, 170 - y // 4, 110 + y // 4))
    for x, height in ((0, 170), (90, 220), (330, 200), (410, 150)):
        canvas.fill(x, 360 - height, 84, height, (54, 52, 74))
        for row in range(3):
            for column in range(2):
                canvas.fill(x + 14 + column * 34, 376 - height + row * 40, 20, 24, (255, 214, 130) if (row + column) % 2 else (80, 78, 102))
    canvas.fill(170, 190, 160, 170, (196, 90, 60))
    canvas.fill(184, 240, 60, 70, (255, 232, 176))
    canvas.fill(262, 240, 50, 120, (94, 52, 40))
    canvas.fill(160, 200, 180, 26, (250, 244, 232))
    canvas.write(182, 206, "LA ESQUINA", (150, 50, 40), 2)
    canvas.fill(0, 344, 480, 16, (60, 58, 66))
    return canvas.to_png()


@cache
def draw_pdf(_: str) -> bytes:
    """A document of one page with a font that every reader has."""
    shown = "\n".join(f"({line.replace('(', '').replace(')', '')}) Tj T*" for line in DOCUMENT)
    stream = f"BT /F1 16 Tf 22 TL 72 720 Td\n{shown}\nET".encode("latin-1")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    document, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, part in enumerate(objects, 1):
        places.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = len(document)
    document += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % place for place in places)
    document += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(document)


@cache
def draw_voice_note() -> bytes:
    """Somebody who hums."""
    return make_voice_note()


SAMPLES = {
    "photo": Sample("foto.png", "image/png", draw_photo),
    "receipt": Sample("comprobante.png", "image/png", draw_receipt),
    "letter": Sample("carta.png", "image/png", draw_letter),
    "voice": Sample("nota-de-voz.ogg", "audio/ogg", lambda _: draw_voice_note()),
    "pdf": Sample("certificado.pdf", "application/pdf", draw_pdf),
}
