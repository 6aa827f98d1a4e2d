"""The reviewed table of every door: which status each role gets, asked about a client of Banco Aurora, and the form that makes it so."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from staff.models import Role

WHO = {"admin": "admin", "supervisor": "supervisora", "agent": "ana", "stranger": "eva", "reviewer": "revisora", "nobody": ""}
ROLES = tuple(WHO)


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


def but(status: int, **others: int) -> dict[str, int]:
    return everybody(status) | others


def writes(status: int) -> dict[str, int]:
    """Strangers find nothing there, reviewers only read, and whoever is signed out is sent to the door."""
    return but(status, stranger=404, reviewer=403, nobody=303)


# Pages: whoever is signed out is sent to the door; another team's conversation is not there.
INSIDE = but(200, nobody=303)
READS = but(200, stranger=404, nobody=303)
WRITES = writes(200)
# What a writer may ask for and cannot have: a message that has left already, a client who is known already.
TOO_LATE = writes(409)
# The settings are not there for anybody but admins; supervisors look at some.
ADMINS = {**everybody(404), "admin": 200, "nobody": 303}
ADMINS_GO_ON = {**everybody(404), "admin": 303, "nobody": 303}
LOOKED_AFTER = ADMINS | {"supervisor": 200}
WRITTEN = ADMINS_GO_ON | {"supervisor": 303}
# The API: a bearer token, or 401.
CALLS = but(200, nobody=401)
CALL_READS = but(200, stranger=404, nobody=401)
ADMIN_CALLS = {**everybody(403), "admin": 200, "nobody": 401}

C = "/c/{conversation_id:uuid}"
OPEN_DOORS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/health"): everybody(200),
    ("GET", "/ready"): everybody(503),
    ("GET", "/metrics"): everybody(404),
    ("GET", "/sign-in"): but(303, nobody=200),
    ("POST", "/sign-in"): everybody(422),
    ("GET", "/start"): everybody(404),
    ("POST", "/start"): everybody(404),
    ("GET", "/welcome/{token:str}"): everybody(404),
    ("POST", "/welcome/{token:str}"): everybody(404),
    ("GET", "/m/{token:str}"): everybody(404),
    ("POST", "/hooks/twilio/message"): everybody(403),
    ("POST", "/hooks/twilio/receipt/{message_id:str}"): everybody(403),
    ("GET", "/assets/{name:str}"): everybody(200),
    ("GET", "/static/{file_path:path}"): everybody(200),
    ("GET", "/schema"): but(200, nobody=401),
    ("GET", "/schema/openapi.json"): but(200, nobody=401),
    ("GET", "/schema/{path:str}"): but(404, nobody=401),
    ("POST", "/sign-out"): everybody(303),
}
DESK: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/"): INSIDE,
    ("GET", "/queue"): INSIDE,
    ("GET", "/palette"): INSIDE,
    ("GET", "/mentions"): INSIDE,
    ("GET", "/me/notices"): INSIDE,
    ("POST", "/me/notices/seen"): but(204, nobody=303),
    ("GET", "/me/today"): INSIDE,
    ("GET", "/me/preferences"): INSIDE,
    ("POST", "/me/preferences"): INSIDE,
    ("POST", "/next"): but(303, reviewer=403),
    ("GET", "/media/{attachment_id:uuid}"): READS,
    ("GET", C): READS,
    ("GET", f"{C}/entries"): READS,
    ("GET", f"{C}/entries/{{message_id:uuid}}/more"): READS,
    ("POST", f"{C}/here"): writes(204),
    ("GET", f"{C}/presence"): READS,
    ("POST", f"{C}/attachments"): writes(422),
    ("DELETE", f"{C}/attachments/{{attachment_id:uuid}}"): but(404, nobody=303),
    ("POST", f"{C}/attachments/{{attachment_id:uuid}}/again"): TOO_LATE,
    ("GET", f"{C}/templates"): READS,
    ("GET", f"{C}/templates/{{template_id:uuid}}"): READS,
    ("GET", f"{C}/schedule"): READS,
    ("POST", f"{C}/draft"): WRITES,
    ("POST", f"{C}/messages"): WRITES,
    ("POST", f"{C}/messages/{{message_id:uuid}}/take-back"): TOO_LATE,
    ("POST", f"{C}/messages/{{message_id:uuid}}/send-now"): TOO_LATE,
    ("POST", f"{C}/messages/{{message_id:uuid}}/again"): TOO_LATE,
    ("POST", f"{C}/messages/{{message_id:uuid}}/reschedule"): TOO_LATE,
    ("POST", f"{C}/messages/{{message_id:uuid}}/ruling"): TOO_LATE,
    ("POST", f"{C}/read"): but(204, stranger=404, nobody=303),
    ("POST", f"{C}/notes"): WRITES,
    ("POST", f"{C}/claim"): WRITES,
    ("POST", f"{C}/unread"): WRITES,
    ("POST", f"{C}/mentions-done"): READS,
    ("POST", f"{C}/snooze"): WRITES,
    ("POST", f"{C}/wake"): WRITES,
    ("POST", f"{C}/undo"): but(404, reviewer=403, nobody=303),
    ("GET", f"{C}/acts/{{name:str}}"): WRITES,
    ("GET", f"{C}/identify"): TOO_LATE,
    ("POST", f"{C}/identify"): TOO_LATE,
    ("POST", f"{C}/identify/new"): TOO_LATE,
    ("POST", f"{C}/people/search"): WRITES,
    ("POST", f"{C}/merge"): TOO_LATE,
    ("POST", f"{C}/merges/{{merge_id:uuid}}/undo"): but(404, nobody=303),
    ("GET", f"{C}/people"): READS,
    ("POST", f"{C}/addresses"): WRITES,
    ("POST", f"{C}/addresses/{{address_id:uuid}}/{{name:str}}"): WRITES,
    ("POST", f"{C}/parties"): WRITES,
    ("POST", f"{C}/parties/{{party_id:uuid}}"): WRITES,
    ("GET", f"{C}/promises/new"): WRITES,
    ("GET", f"{C}/payments/new"): WRITES,
    ("POST", f"{C}/promises"): WRITES,
    ("POST", f"{C}/payments"): WRITES,
    ("POST", f"{C}/promises/{{promise_id:uuid}}"): WRITES,
    ("POST", f"{C}/promises/{{promise_id:uuid}}/take-back"): WRITES,
    ("POST", f"{C}/payments/{{payment_id:uuid}}/take-back"): WRITES,
    ("POST", f"{C}/wrong-person"): WRITES,
    ("POST", f"{C}/release"): WRITES,
    ("POST", f"{C}/close"): WRITES,
    ("POST", f"{C}/reopen"): WRITES,
    ("POST", f"{C}/no-more"): but(404, reviewer=403, nobody=303),
    ("POST", f"{C}/not-asked"): but(404, reviewer=403, nobody=303),
}
SETTINGS: dict[tuple[str, str], dict[str, int]] = {
    ("GET", "/setup"): LOOKED_AFTER,
    ("GET", "/setup/creditors"): ADMINS,
    ("POST", "/setup/creditors"): ADMINS_GO_ON,
    ("GET", "/setup/creditors/{creditor_id:uuid}"): ADMINS,
    ("POST", "/setup/creditors/{creditor_id:uuid}"): ADMINS_GO_ON,
    ("GET", "/setup/teams"): LOOKED_AFTER,
    ("POST", "/setup/teams"): ADMINS_GO_ON,
    ("GET", "/setup/teams/{team_id:uuid}"): ADMINS,
    ("POST", "/setup/teams/{team_id:uuid}"): ADMINS_GO_ON,
    ("GET", "/setup/agents"): ADMINS,
    ("POST", "/setup/agents"): ADMINS,
    ("GET", "/setup/agents/{agent_id:uuid}"): ADMINS,
    ("POST", "/setup/agents/{agent_id:uuid}"): ADMINS_GO_ON,
    ("POST", "/setup/agents/{agent_id:uuid}/invite"): ADMINS,
    ("POST", "/setup/agents/{agent_id:uuid}/revoke"): ADMINS_GO_ON,
    ("POST", "/setup/agents/{agent_id:uuid}/off"): ADMINS_GO_ON,
    ("POST", "/setup/agents/{agent_id:uuid}/on"): ADMINS_GO_ON,
    ("POST", "/setup/agents/file"): ADMINS,
    ("GET", "/setup/senders"): ADMINS,
    ("POST", "/setup/senders"): ADMINS_GO_ON,
    ("POST", "/setup/senders/test"): ADMINS_GO_ON,
    ("GET", "/setup/senders/test/{message_id:uuid}"): ADMINS,
    ("GET", "/setup/clients"): ADMINS,
    ("POST", "/setup/clients"): ADMINS_GO_ON,
    ("POST", "/setup/clients/file"): ADMINS,
    ("GET", "/setup/contactable"): LOOKED_AFTER,
    ("GET", "/setup/templates"): LOOKED_AFTER,
    ("GET", "/setup/templates/new"): LOOKED_AFTER,
    ("POST", "/setup/templates"): WRITTEN,
    ("POST", "/setup/templates/preview"): LOOKED_AFTER,
    ("GET", "/setup/templates/{template_id:uuid}"): LOOKED_AFTER,
    ("POST", "/setup/templates/{template_id:uuid}"): WRITTEN,
    ("POST", "/setup/templates/{template_id:uuid}/retire"): WRITTEN,
}
API: dict[tuple[str, str], dict[str, int]] = {
    ("POST", "/api/v1/creditors"): ADMIN_CALLS,
    ("POST", "/api/v1/debtors"): ADMIN_CALLS | {"supervisor": 200},
    ("POST", "/api/v1/debtors/search"): CALLS,
    ("GET", "/api/v1/debtors/{debtor_id:uuid}"): CALL_READS,
    ("GET", "/api/v1/debtors/{debtor_id:uuid}/timeline"): CALL_READS,
    ("GET", "/api/v1/debtors/{debtor_id:uuid}/templates"): CALL_READS,
    ("POST", "/api/v1/debtors/{debtor_id:uuid}/messages"): but(202, stranger=404, reviewer=403, nobody=401),
    ("GET", "/api/v1/messages/{message_id:uuid}"): CALL_READS,
    ("DELETE", "/api/v1/messages/{message_id:uuid}"): but(409, stranger=404, reviewer=403, nobody=401),
    ("GET", "/api/v1/messages/{message_id:uuid}/raw"): ADMIN_CALLS | {"reviewer": 200},
    ("GET", "/api/v1/templates"): CALLS,
    ("POST", "/api/v1/templates"): {**everybody(403), "admin": 201, "supervisor": 201, "nobody": 401},
    ("DELETE", "/api/v1/templates/{template_id:uuid}"): but(200, agent=403, stranger=404, reviewer=403, nobody=401),
    ("GET", "/api/v1/conversations"): CALLS,
    ("POST", "/api/v1/clock"): ADMIN_CALLS | dict.fromkeys(("supervisor", "agent", "stranger", "reviewer"), 404),
    # Last: from then on a colleague attends the client.
    ("POST", f"{C}/transfer"): WRITES,
}
TABLE = OPEN_DOORS | DESK | SETTINGS | API
SOCKETS = {"/live"}
ABOUT_SOMEBODY = [key for key in TABLE if "_id:uuid}" in key[1]]
# What nobody is signed in for, or what asks a program for its own proof; every other change needs a session's token.
WITHOUT_A_TOKEN = {key for key in OPEN_DOORS if key != ("POST", "/sign-out")} | set(API)

QUERIES = {
    f"{C}/entries": "before=99.1",
    f"{C}/schedule": "channel=sms",
    "/palette": "q=rosa",
    "/mentions": "q=a",
    "/api/v1/debtors/{debtor_id:uuid}/templates": "channel=sms",
}
NAMES = {f"{C}/acts/{{name:str}}": "close", f"{C}/addresses/{{address_id:uuid}}/{{name:str}}": "prefer"}


def form_of(route: str, ids: Mapping[str, str]) -> dict[str, Any]:
    """A form as the page would send it, about the client with these ids. What is made by it is new every time."""
    word, token, today = f"x{uuid.uuid4().hex[:10]}", str(uuid.uuid4()), datetime.now(UTC).date()
    money = {"amount": "50000", "currency": "COP", "day": "other", "client_token": token, "debt": ids["debt"]}
    somebody = {"name": "Paz Rojas", "role": Role.AGENT.value, "language": "es", "zone": "America/Bogota"}
    creditor = {"name": f"Banco {word}", "type": "bank", "party": "first", "country": "CO"}
    text = {"kind": "canned", "language": "es", "body": "Buenas tardes."}
    phone = f"+57300{uuid.uuid4().int % 10_000_000:07d}"
    forms: dict[str, dict[str, Any]] = {
        "/sign-in": {"email": f"{word}@example.com", "password": "no"},
        f"{C}/messages": {"channel": "sms", "text": "Hola", "client_token": token, "seen_revision": "99"},
        f"{C}/messages/{{message_id:uuid}}/reschedule": {"not_before": f"{today + timedelta(days=2)}T10:00"},
        f"{C}/messages/{{message_id:uuid}}/ruling": {"arrived": "yes"},
        f"{C}/draft": {"channel": "sms", "text": "Buenas"},
        f"{C}/here": {"doing": "viewing"},
        f"{C}/read": {"revision": "1"},
        f"{C}/notes": {"text": "Pidió llamada", "client_token": token},
        f"{C}/undo": {"entry": ids["{merge_id:uuid}"]},
        f"{C}/no-more": {"address": ids["{merge_id:uuid}"]},
        f"{C}/not-asked": {"address": ids["{merge_id:uuid}"], "entry": ids["{merge_id:uuid}"]},
        f"{C}/transfer": {"to": f"agent:{ids['colleague']}"},
        f"{C}/identify": {"debtor": ids["{debtor_id:uuid}"]},
        f"{C}/identify/new": {"name": "Rosa", "country": "CO"},
        f"{C}/people/search": {"q": "rosa"},
        f"{C}/merge": {"debtor": ids["{debtor_id:uuid}"]},
        f"{C}/addresses": {"channel": "sms", "value": phone},
        f"{C}/parties": {"debt": ids["debt"], "role": "guarantor", "name": "Luis"},
        f"{C}/parties/{{party_id:uuid}}": {"role": "third"},
        f"{C}/promises": money | {"on": str(today + timedelta(days=1))},
        f"{C}/payments": money | {"on": str(today - timedelta(days=1))},
        f"{C}/promises/{{promise_id:uuid}}": {"state": "pending"},
        "/setup/creditors": creditor,
        "/setup/creditors/{creditor_id:uuid}": creditor,
        "/setup/teams": {"name": word},
        "/setup/teams/{team_id:uuid}": {"name": word},
        "/setup/agents": somebody | {"email": f"{word}@trato.example"},
        "/setup/agents/{agent_id:uuid}": somebody,
        "/setup/agents/file": {"text": f"name;email\nPaz;{word}@trato.example\n"},
        "/setup/senders": {"channel": "sms", "address": ids["sender"], "label": "Cobros"},
        "/setup/senders/test": {"channel": "sms", "number": phone, "client_token": token},
        "/setup/clients": {"reference": word, "name": "Rosa", "tel1": phone, "creditor": "Banco Aurora", "country": "CO"},
        "/setup/templates": text | {"name": word},
        "/setup/templates/preview": text | {"name": word},
        "/setup/templates/{template_id:uuid}": text,
        "/setup/clients/file": {"text": f"referencia;nombre;tel1;acreedor;cuenta\n{word};Rosa;{phone};Banco Aurora;C-{word}\n"},
    }
    return forms.get(route, {})


def json_of(route: str, ref: str) -> dict[str, Any]:
    """A body as a program sends it."""
    return {
        "/api/v1/creditors": {"name": "Banco Aurora", "type": "bank", "first_party": True, "country": "CO"},
        "/api/v1/debtors": {"ref": ref, "name": "Rosa Márquez"},
        "/api/v1/debtors/search": {"ref": ref},
        "/api/v1/debtors/{debtor_id:uuid}/messages": {"channel": "sms", "text": "Buenas tardes."},
        "/api/v1/templates": {"kind": "canned", "name": f"Saludo {uuid.uuid4().hex[:6]}", "language": "es", "body": "Buenas tardes."},
        "/api/v1/clock": {"now": None},
    }[route]
