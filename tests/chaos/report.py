"""What a run has to say: a table of counts, and each violation with the lines of history that tell how it came about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.checker import Evidence, Row, Violation

_MOST_LINES = 14
_MOST_VIOLATIONS = 12


def counts(evidence: Evidence) -> dict[str, int]:
    """What happened, in numbers."""
    kinds = Counter(line["kind"] for line in evidence.lines("inbound"))
    answers = Counter(str(code) for line in evidence.lines("inbound answered") for code in line["codes"])
    outbound = Counter(str(line["status"] or "no answer") for line in evidence.lines("outbound answered"))
    states = Counter(row["state"] for row in evidence.messages if row["direction"] == "out")
    faults = Counter(line["fault"].rstrip("0123456789") for line in evidence.lines("fault"))
    calls = [call for call in evidence.callbacks if call["kind"] == "status"]
    return {
        "clients' words at the carrier": len(evidence.inbound),
        **{f"  {kind}": number for kind, number in sorted(kinds.items())},
        **{f"  webhook answered {code}": number for code, number in sorted(answers.items())},
        "  entries in the database": sum(row["direction"] == "in" for row in evidence.messages),
        "  found by the reconciler only": sum(row["fact"]["action"] == "message.found" for row in evidence.audit),
        "agents' messages (keys)": len({line["key"] for line in evidence.lines("outbound")}),
        **{f"  API answered {status}": number for status, number in sorted(outbound.items())},
        "  accepted by the carrier": len(evidence.accepted),
        "  accepted, answer never written": sum(not one["answered"] for one in evidence.accepted),
        **{f"  ended {state}": number for state, number in sorted(states.items())},
        "  settled by the reconciler": sum(row["fact"]["action"] == "message.settled" for row in evidence.audit),
        "receipts posted": len(calls),
        "  acknowledged": sum(call["status_code"] == 200 for call in calls),
        "  forged, refused": sum(call["status_code"] == 403 for call in calls),
        "opt-outs acknowledged": sum(1 for _ in evidence.lines("stop acknowledged")),
        "buttons pressed by two at once": sum(1 for _ in evidence.lines("pressed")),
        **dict(sorted(faults.items())),
        "ledger entries": len(evidence.audit),
        "screens' topics compared": sum(1 for _ in evidence.lines("screen")),
    }


def table(title: str, numbers: Mapping[str, float]) -> str:
    """Names and numbers in two columns."""
    width = max(len(name) for name in numbers)
    return "\n".join([title, *(f"  {name:<{width}}  {number:>8g}" for name, number in numbers.items())])


def story(violations: Sequence[Violation], evidence: Evidence) -> str:
    """Each violation with its history; further ones are only counted."""
    parts = []
    for violation in violations[:_MOST_VIOLATIONS]:
        parts.append(f"{violation.rule}: {violation.text}")
        parts += [f"    {line}" for line in _lines_of(violation, evidence)]
    if len(violations) > _MOST_VIOLATIONS:
        rest = Counter(violation.rule for violation in violations[_MOST_VIOLATIONS:])
        parts.append("and more: " + ", ".join(f"{rule} x{number}" for rule, number in sorted(rest.items())))
    return "\n".join(parts)


def _lines_of(violation: Violation, evidence: Evidence) -> list[str]:
    if not violation.keys:
        return []
    sources: list[tuple[str, list[Row]]] = [
        ("history", [line for line in evidence.history if line["what"] not in ("states", "screen")]),
        ("carrier accepted", evidence.accepted),
        ("carrier heard", evidence.inbound),
        ("carrier called", evidence.callbacks),
        ("ledger", [row["fact"] for row in evidence.audit]),
        ("database", evidence.messages),
    ]
    lines = []
    for name, rows in sources:
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, default=str)
            if any(key in text for key in violation.keys):
                lines.append(f"{name}: {text[:400]}")
    return lines if len(lines) <= _MOST_LINES else [*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES} lines more"]
