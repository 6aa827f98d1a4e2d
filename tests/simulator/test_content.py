"""Guards the simulated Content API: well-formed templates, their review, paging, and a person's word on them."""

from __future__ import annotations

import pytest

from tests.simulator.far_side import ACCOUNT, TOKEN, Carrier, wait_for

TEXT = {"twilio/text": {"body": "Hola {{1}}, te escribimos de Banco Andino."}}


def submit(carrier: Carrier, body: str, variables: dict[str, str] | None = None, **more: object) -> str:
    types = {"twilio/text": {"body": body}}
    sid = str(carrier.content("post", "/v1/Content", language="es", types=types, variables=variables or {}).json()["sid"])
    asked = {"name": "aviso_amable", "category": "UTILITY", **more}
    answer = carrier.content("post", f"/v1/Content/{sid}/ApprovalRequests/whatsapp", **asked)
    assert (answer.status_code, answer.json()["status"]) == (201, "received")
    return sid


def review(carrier: Carrier, sid: str) -> dict[str, str]:
    found: dict[str, str] = carrier.content("get", f"/v1/Content/{sid}/ApprovalRequests").json()["whatsapp"]
    return found


def test_a_review_goes_from_received_over_pending_to_approved(carrier: Carrier) -> None:
    sid = submit(carrier, "Hola {{1}}, te escribimos de Banco Andino.", {"1": "Ana"})
    assert review(carrier, sid)["status"] == "received"
    wait_for(lambda: review(carrier, sid)["status"] == "pending")
    found = wait_for(lambda: review(carrier, sid) if review(carrier, sid)["status"] == "approved" else None)
    assert found == {
        "type": "whatsapp", "name": "aviso_amable", "category": "UTILITY", "content_type": "twilio/text", "status": "approved",
        "rejection_reason": "", "allow_category_change": True,
    }  # fmt: skip
    again = carrier.content("post", f"/v1/Content/{sid}/ApprovalRequests/whatsapp", name="otra", category="UTILITY")
    assert again.status_code == 409


@pytest.mark.parametrize(
    ("body", "variables", "reason"),
    [
        ("{{1}}, te escribimos de Banco Andino hoy.", {"1": "Ana"}, "INVALID_FORMAT"),
        ("Te escribimos de Banco Andino, {{1}}", {"1": "Ana"}, "INVALID_FORMAT"),
        ("Hola {{1}} {{2}}, te escribimos de Banco Andino.", {"1": "Ana", "2": "Paz"}, "INVALID_FORMAT"),
        ("Hola {{1}}, de parte de {{3}} un saludo amable.", {"1": "Ana", "3": "Paz"}, "INVALID_FORMAT"),
        ("Hola {{1}}, te escribimos de Banco Andino.", {}, "INVALID_FORMAT"),
        ("Hola {{1}} y {{2}} ya.", {"1": "Ana", "2": "Paz"}, "INVALID_FORMAT"),
        ("Si no pagas hoy vas a la cárcel.", {}, "ABUSIVE_CONTENT"),
        ("Te vamos a embargar mañana.", {}, "ABUSIVE_CONTENT"),
    ],
)
def test_what_the_reviewers_reject(carrier: Carrier, body: str, variables: dict[str, str], reason: str) -> None:
    sid = submit(carrier, body, variables)
    found = wait_for(lambda: review(carrier, sid) if review(carrier, sid)["status"] in ("approved", "rejected") else None)
    assert found["status"] == "rejected"
    assert found["rejection_reason"].startswith(reason)


@pytest.mark.parametrize(("allowed", "outcome"), [(True, ("approved", "MARKETING")), (False, ("rejected", "UTILITY"))])
def test_a_template_that_sells_is_no_utility(carrier: Carrier, allowed: bool, outcome: tuple[str, str]) -> None:
    sid = submit(carrier, "Tenemos una promoción para tu cuenta.", allow_category_change=allowed)
    found = wait_for(lambda: review(carrier, sid) if review(carrier, sid)["status"] in ("approved", "rejected") else None)
    assert (found["status"], found["category"]) == outcome


@pytest.mark.parametrize(
    "content",
    [
        {"types": TEXT},
        {"language": "es"},
        {"language": "español", "types": TEXT},
        {"language": "es", "types": {}},
        {"language": "es", "types": {"twilio/hologram": {"body": "x"}}},
        {"language": "es", "types": {"twilio/text": {"body": ""}}},
        {"language": "es", "types": {"twilio/quick-reply": {"body": "x", "actions": []}}},
        {"language": "es", "types": {"twilio/quick-reply": {"body": "x", "actions": [{"title": "a" * 26}]}}},
        {"language": "es", "types": {"twilio/call-to-action": {"body": "x", "actions": [{"type": "URL", "title": "Ir"}]}}},
        {"language": "es", "types": {"twilio/list-picker": {"body": "x", "button": "Ver", "items": [{"item": "a"}]}}},
        {
            "language": "es",
            "types": {"twilio/list-picker": {"body": "x", "button": "Ver", "items": [{"item": "a", "id": "a", "description": "d" * 73}]}},
        },
        {"language": "es", "types": {"twilio/media": {"body": "x", "media": []}}},
        {"language": "es", "types": TEXT, "variables": {"1": 5}},
    ],
)
def test_templates_that_are_not_whole(carrier: Carrier, content: dict[str, object]) -> None:
    answer = carrier.content("post", "/v1/Content", **content)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_person_pauses_and_approves_and_templates_can_go(carrier: Carrier) -> None:
    sid = carrier.template(TEXT, "paused", **{"1": "Ana"})
    assert review(carrier, sid)["status"] == "paused"
    assert carrier.control(f"templates/{sid}", status="rejected", reason="no")["reason"] == "no"
    shown = carrier.control(f"templates/{sid}", status="approved")
    assert (shown["status"], shown["places"], shown["reason"]) == ("approved", ["1"], "")
    assert carrier.http.post(f"/_simulator/templates/{sid}", json={"status": "loved"}).status_code == 400
    assert carrier.http.post(f"/_simulator/templates/HX{'0' * 32}", json={"status": "approved"}).status_code == 404
    assert carrier.content("delete", f"/v1/Content/{sid}").status_code == 204
    gone = carrier.content("get", f"/v1/Content/{sid}")
    assert (gone.status_code, gone.json()["code"]) == (404, 20404)
    assert carrier.http.get("/v1/Content").status_code == 401


def test_pages_of_templates_follow_one_another(carrier: Carrier) -> None:
    made = [carrier.template(TEXT, "approved", **{"1": str(number)}) for number in range(5)]
    page = carrier.get("/v1/ContentAndApprovals", PageSize=2)
    seen, pages = [row["sid"] for row in page["contents"]], [page]
    carrier.template(TEXT, "approved")  # a new one must not push an old one onto two pages
    while page["meta"]["next_page_url"] and len(seen) < 5:
        page = carrier.get(page["meta"]["next_page_url"])
        pages.append(page)
        seen += [row["sid"] for row in page["contents"]]
    assert seen[:5] == made[::-1]
    assert pages[0]["contents"][0]["approval_requests"]["status"] == "approved"
    back = carrier.get(pages[1]["meta"]["previous_page_url"])
    assert [row["sid"] for row in back["contents"]] == made[:2:-1]
    for wrong in ({"PageSize": "0"}, {"PageToken": "PAHX1"}):
        assert carrier.http.get("/v1/Content", params=wrong, auth=(ACCOUNT, TOKEN)).json()["code"] == 20001
