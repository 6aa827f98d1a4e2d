"""The review of templates for WhatsApp: received, pending, then approved or rejected by a table of reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from simulator.errors import TwilioError
from simulator.records import Content
from simulator.store import Store
from simulator.templates import PLACE, body_of, places_of, shown_type

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
STATUSES = ("unsubmitted", "received", "pending", "approved", "rejected", "paused", "disabled")
NAME = re.compile(r"[a-z0-9_]{1,512}")
# Of the time until the verdict, this part passes before the review begins.
RECEIVED_PART = 0.3

THREATS = re.compile(
    r"\b(c[aá]rcel|prisi[oó]n|pris[aã]o|cadeia|policía|pol[ií]cia|denunciar\w*|embarg\w+|penhora\w*|juicio|demandar\w*|jail|prison|arrest\w*|"
    r"verg[uü]enza|vergonha|moros[oa]s?|caloteir[oa]s?)\b",
    re.IGNORECASE,
)
MARKETING = re.compile(r"\b(promoci[oó]n|promoç[aã]o|oferta|gratis|gr[aá]tis|sorteo|sorteio|compra ya|compre já)\b", re.IGNORECASE)

# Why a template is rejected: what to look for in it, and the reason that is given. The first that applies counts.
REJECTIONS: tuple[tuple[Callable[[Content], bool], str], ...] = (
    (lambda content: bool(PLACE.match(body_of(content).lstrip())), "INVALID_FORMAT: the body may not begin with a variable"),
    (lambda content: bool(re.search(r"\}\}\W*$", body_of(content))), "INVALID_FORMAT: the body may not end with a variable"),
    (lambda content: bool(re.search(r"\}\}\s*\{\{", body_of(content))), "INVALID_FORMAT: variables may not stand side by side"),
    (lambda content: not _in_order(content), "INVALID_FORMAT: variables are to be numbered from 1 without gaps"),
    (lambda content: not set(places_of(content)) <= set(content.variables), "INVALID_FORMAT: a sample is missing for a variable"),
    (lambda content: _too_many(content), "INVALID_FORMAT: too many variables for so few words"),  # noqa: PLW0108 - it stands below
    (lambda content: len(body_of(content)) > 1024, "INVALID_FORMAT: the body is longer than 1024 characters"),
    (lambda content: bool(THREATS.search(body_of(content))), "ABUSIVE_CONTENT: the body threatens or shames"),
    (
        lambda content: content.category == "UTILITY" and not content.allow_category_change and _sells(content),
        "INCORRECT_CATEGORY: the body belongs to MARKETING",
    ),
    (
        lambda content: shown_type(content, "whatsapp")[0] == "twilio/list-picker",
        "INVALID_FORMAT: lists cannot be approved, only sent in a session",
    ),
)


def submit(store: Store, content: Content, name: object, category: object, allow_change: object, now: float) -> Content:
    """Ask for the review of a template. Raises `TwilioError` 20001 for a name or category that cannot be."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise TwilioError(20001, "name")
    if category not in CATEGORIES:
        raise TwilioError(20001, "category")
    asked = replace(
        content, name=name, category=str(category), allow_category_change=allow_change is not False, status="received", rejection_reason="",
        submitted_at=now, updated_at=now,
    )  # fmt: skip
    return store.contents.keep(asked)


def review_due(store: Store, now: float, approved_after: float) -> None:
    """Move every template that waits as far as its time has come."""
    for content in store.contents.under_review():
        waited = now - (content.submitted_at or now)
        if waited >= approved_after:
            store.contents.keep(judge(content, now))
        elif content.status == "received" and waited >= approved_after * RECEIVED_PART:
            store.contents.keep(replace(content, status="pending", updated_at=now))


def judge(content: Content, now: float) -> Content:
    """The reviewers' verdict. A template that sells is put into another category where its owner allows it."""
    reason = next((reason for applies, reason in REJECTIONS if applies(content)), "")
    category = "MARKETING" if content.category == "UTILITY" and not reason and _sells(content) else content.category
    return replace(content, status="rejected" if reason else "approved", rejection_reason=reason, category=category, updated_at=now)


def rule(store: Store, content: Content, status: str, reason: str, now: float) -> Content:
    """A person's word in place of the review. The clock of a review that is put back starts anew."""
    submitted = now if status in ("received", "pending") else content.submitted_at
    return store.contents.keep(replace(content, status=status, rejection_reason=reason, submitted_at=submitted, updated_at=now))


def _in_order(content: Content) -> bool:
    places = places_of(content)
    numbers = sorted(int(place) for place in places if place.isdecimal())
    return not numbers or (len(numbers) == len(places) and numbers == list(range(1, len(numbers) + 1)))


def _too_many(content: Content) -> bool:
    places = len(PLACE.findall(body_of(content)))
    return places > 0 and len(PLACE.sub(" ", body_of(content)).split()) < 2 * places + 1


def _sells(content: Content) -> bool:
    return bool(MARKETING.search(body_of(content)))
