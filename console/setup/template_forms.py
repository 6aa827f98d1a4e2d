"""The form of a prepared text: what its fields say, how a text fills them, and where each thing that is not right is told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from base.errors import InvalidField
from base.words import N_
from console.desk import Desk
from console.desk.prepared import ANSWERS, KINDS, kind_of
from console.setup.office import one_id
from console.views.setup import Form
from console.words import CATEGORIES
from inbox.authoring import SESSION, TEMPLATE
from inbox.choices import LIMITS, LIST, REPLY, problems
from inbox.templates import CANNED, NewTemplate

LANGUAGES: Final = ("es", "es-AR", "es-MX", "pt-BR", "en")
ROWS: Final = range(1, LIMITS[LIST].rows + 1)
EMPTY: Final = {"kind": "whatsapp", "language": "es", "category": "UTILITY"}
FIELDS: Final = (
    *("kind", "name", "language", "category", "channel", "creditor", "body", "menu", "media_url", "legal"),
    *(f"title_{row}" for row in ROWS),
    *(f"about_{row}" for row in ROWS),
)
_ROW: Final = re.compile(r"buttons\[(\d+)\]\.(\w+)")


def languages_of(before: Any = None) -> tuple[str, ...]:  # noqa: ANN401 - a row or None
    """What a text may be written in: also what the version `before` it is written in, which may have come by another door."""
    return LANGUAGES if before is None or before.language in LANGUAGES else (*LANGUAGES, before.language)


def new_text(form: Form, before: Any = None) -> NewTemplate:  # noqa: ANN401 - a row or None
    """What the form says; `before` is the version that it changes. Raises `InvalidField`."""
    kind, language, category = form.value("kind"), form.value("language"), form.value("category") or None
    if kind not in KINDS:
        raise InvalidField("kind", N_("Choose one of the list."))
    if language not in languages_of(before):
        raise InvalidField("language", N_("Choose one of the list."))
    on_whatsapp = kind == "whatsapp"
    if on_whatsapp and category not in CATEGORIES:
        raise InvalidField("category", N_("Choose one of the list."))
    if kind == CANNED and form.value("channel") not in ("", "sms", "whatsapp"):
        raise InvalidField("channel", N_("Choose one of the list."))
    return NewTemplate(
        kind=CANNED if kind == CANNED else SESSION if kind in ANSWERS else TEMPLATE,
        name=" ".join(form.value("name").split()),
        language=language,
        body=form.value("body"),
        channel=(form.value("channel") or None) if kind == CANNED else "whatsapp" if kind in ANSWERS else kind,
        category=category if on_whatsapp else None,
        buttons=choices_of(form, before.buttons if before else ()),
        menu=menu_of(form),
        media_url=(form.value("media_url") or None) if on_whatsapp else None,
        legal=form.value("legal") == "1",
        creditor_id=one_id(form.value("creditor"), "creditor") if form.value("creditor") else None,
    )


def menu_of(form: Form) -> str | None:
    """The word that opens the list, where the form is one's."""
    return " ".join(form.value("menu").split()) if form.value("kind") == "list" else None


def choices_of(form: Form, before: Sequence[Mapping[str, str]] = ()) -> list[dict[str, str]]:
    """The rows that say something, in their order. A title that was there before keeps its id: what clients chose is told by it."""
    ids, taken = {button["title"]: button["id"] for button in before}, set[str]()
    listed = form.value("kind") == "list"
    choices = []
    for row in _rows_of(form):
        title, about = (" ".join(form.value(f"{name}_{row}").split()) for name in ("title", "about"))
        key = ids.get(title) or _free(_slug(title), taken | set(ids.values()))
        taken.add(key)
        choices.append({"type": LIST if listed else REPLY, "id": key, "title": title, "description": about})
    return choices


def _rows_of(form: Form) -> list[int]:
    """The numbers of the rows that say something; a kind without choices has none."""
    if form.value("kind") not in ("whatsapp", *ANSWERS):
        return []
    return [row for row in ROWS if form.value(f"title_{row}").strip() or form.value(f"about_{row}").strip()]


def _slug(title: str) -> str:
    """A title as an id: small letters, digits and _."""
    plain = "".join(char for char in unicodedata.normalize("NFD", title.casefold()) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40] or "b"


def _free(slug: str, taken: set[str]) -> str:
    return next(one for one in (slug, *(f"{slug}_{number}" for number in range(2, 99))) if one not in taken)


def filled(row: Any) -> Form:  # noqa: ANN401 - a row
    """A version in the fields of its form."""
    rows = list(enumerate(row.buttons, 1))
    values = {
        "kind": kind_of(row),
        "name": row.name,
        "language": row.language,
        "category": row.category or "",
        "channel": row.channel or "",
        "creditor": str(row.creditor_id or ""),
        "body": row.body,
        "menu": row.menu or "",
        "media_url": row.media_url or "",
        "legal": "1" if row.legal else "",
    }
    titles = {f"title_{number}": button["title"] for number, button in rows}
    return Form(values | titles | {f"about_{number}": button.get("description", "") for number, button in rows})


def with_wrong(desk: Desk, form: Form, wrong: InvalidField) -> Form:
    """The same form with what is not right beside its fields: the first thing that was found, and whatever is not right in any row."""
    found = [wrong]
    if form.value("kind") in ("whatsapp", *ANSWERS):
        found += problems(choices_of(form), menu_of(form), needed=form.value("kind") in ANSWERS)
    rows = _rows_of(form)
    told: dict[str, str] = {}
    for one in found:
        told.setdefault(_field_of(one.field, rows), desk.told(one))
    return Form(form.values, form.chosen, told)


def _field_of(field: str, rows: Sequence[int]) -> str:
    """The field of the form for a field of the text's; ids are made of titles."""
    if field == "buttons":
        return "title_1"
    if not (found := _ROW.fullmatch(field)):
        return field
    name = "about" if found[2] == "description" else "title"
    return f"{name}_{rows[int(found[1])]}"
