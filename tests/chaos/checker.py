"""The checker: compares the generator's history, the carrier's record, the database and the screens. It shares no code with the product.

Each rule returns violations; a violation names the broken invariant and the ids by which its history is found.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
RANKS = {"queued": 0, "cancelled": 10, "withheld": 10, "unconfirmed": 20, "sent": 30, "failed": 35, "delivered": 40, "read": 50}
WORDS = {"sent": "sent", "delivered": "delivered", "undelivered": "failed", "failed": "failed"}
_ONE_MOMENT = 3.0


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant. `keys` are ids that its lines of history hold."""

    rule: str
    text: str
    keys: tuple[str, ...] = ()


@dataclass
class Evidence:
    """Everything that the checker compares, as plain rows."""

    history: list[Row]
    accepted: list[Row]
    inbound: list[Row]
    callbacks: list[Row]
    messages: list[Row]
    conversations: list[Row]
    positions: list[Row]
    events: list[Row]
    quarantine: list[Row]
    raw_flags: int
    audit: list[Row]
    complaints: list[tuple[str, str]] = field(default_factory=list)
    ledger_says: str = ""
    ledger_code: int = 0
    acceptances: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.accepted:
            self.acceptances.setdefault(one["status_callback"].rpartition("/")[2], []).append(one)

    def lines(self, what: str) -> Iterator[Row]:
        """Lines of the history of one kind."""
        return (line for line in self.history if line["what"] == what)


def check(evidence: Evidence) -> list[Violation]:
    """All violations."""
    rules = (
        inbound_is_kept_once, forgeries_are_refused, unreadable_is_quarantined, strangers_are_one_person, one_key_is_one_message,
        one_message_is_accepted_once, every_message_ends, states_fit_the_evidence, states_never_moved_back, opt_outs_hold, one_owner,
        timelines_are_dense, ledger_is_whole, screens_converged, nothing_surprised,
    )  # fmt: skip
    return [violation for rule in rules for violation in rule(evidence)]


def inbound_is_kept_once(evidence: Evidence) -> Iterator[Violation]:
    """I1: whatever clients wrote, acknowledged or lost on the way, is one entry with its text; doubled words change nothing."""
    found = defaultdict(list)
    for message in evidence.messages:
        if message["direction"] == "in":
            found[message["carrier_id"]].append(message)
    for word in evidence.inbound:
        sid, rows = word["sid"], found.pop(word["sid"], [])
        keys = (sid, *(str(row["id"]) for row in rows))
        if not rows:
            told = "acknowledged with 200" if 200 in word["status_codes"] else "never acknowledged"
            yield Violation("I1-lost", f"a client's word ({told}) is not in the database", keys)
        elif len(rows) > 1:
            yield Violation("I1-doubled", f"a client's word became {len(rows)} entries", keys)
        elif rows[0]["text"] != word["body"]:
            yield Violation("I1-altered", f"a client's word reads {rows[0]['text']!r}, the carrier has {word['body']!r}", keys)
    for sid in found:
        yield Violation("I1-invented", "the database has a client's word that the carrier never had", (str(sid),))


def forgeries_are_refused(evidence: Evidence) -> Iterator[Violation]:
    """A request whose proof is spoilt is answered 403 (or not at all, by a program that is down), and leaves no event."""
    for call in evidence.callbacks:
        if call["forged"] and call["status_code"] not in (None, 403, 500, 503):
            yield Violation("forged", f"a forged request was answered {call['status_code']}", (call["sid"],))


def unreadable_is_quarantined(evidence: Evidence) -> Iterator[Violation]:
    """What cannot be read waits where people see it; what can be read never lands there."""
    acked = {line["sid"] for line in evidence.lines("inbound answered") if line["kind"] == "unreadable" and 200 in line["codes"]}
    sent = {line["sid"] for line in evidence.lines("inbound") if line["kind"] == "unreadable"}
    if not len(acked) <= len(evidence.quarantine) <= len(sent):
        yield Violation("I1-quarantine", f"{len(acked)} to {len(sent)} unreadable requests, {len(evidence.quarantine)} in quarantine")
    for row in evidence.quarantine:
        if row["reason"].startswith("could not be recorded"):
            yield Violation("I1-quarantine", f"a request at {row['door']} {row['reason']}", (str(row["id"]),))
    told = {line["sid"] for line in evidence.lines("inbound answered") if line["kind"] == "contradiction" and 200 in line["codes"]}
    if evidence.raw_flags < len(told):
        yield Violation("I1-contradicted", f"{len(told)} acknowledged contradictions, {evidence.raw_flags} kept and flagged", tuple(told))


def strangers_are_one_person(evidence: Evidence) -> Iterator[Violation]:
    """All words of one number are in one conversation, however many came at once."""
    phone_of = {word["sid"]: word["from"] for word in evidence.inbound}
    conversations = defaultdict(set)
    for message in evidence.messages:
        if message["carrier_id"] in phone_of and message["direction"] == "in":
            conversations[phone_of[message["carrier_id"]]].add(str(message["conversation_id"]))
    for phone, found in conversations.items():
        if len(found) > 1:
            yield Violation("I1-person", f"{phone} became {len(found)} conversations", tuple(found))


def one_key_is_one_message(evidence: Evidence) -> Iterator[Violation]:
    """I2: one Idempotency-Key is one message, and no message is without one."""
    ids, refused = defaultdict(set), set()
    for line in evidence.lines("outbound answered"):
        if not line["other"] and line["status"] == 202:
            ids[line["key"]].add(line["id"])
        elif line["other"] and line["status"] == 202:
            yield Violation("I2-key", "a key was taken again with another body", (line["key"], line["id"]))
        elif line["status"] == 422:
            refused.add(line["key"])
    unanswered = {line["key"] for line in evidence.lines("outbound")} - set(ids) - refused
    for key, found in ids.items():
        if len(found) > 1:
            yield Violation("I2-key", f"one key was answered with {len(found)} messages", (key, *found))
    known = {one for found in ids.values() for one in found}
    ours = {str(row["id"]) for row in evidence.messages if row["direction"] == "out"}
    for lost in known - ours:
        yield Violation("I2-lost", "an acknowledged message is not in the database", (lost,))
    if len(ours - known) > len(unanswered):
        yield Violation("I2-key", f"{len(ours - known)} messages belong to no answered key", tuple(ours - known))


def one_message_is_accepted_once(evidence: Evidence) -> Iterator[Violation]:
    """I2: whatever was killed or timed out, the carrier accepted each message at most once."""
    ours = {str(row["id"]) for row in evidence.messages if row["direction"] == "out"}
    for message, rows in evidence.acceptances.items():
        if len(rows) > 1:
            yield Violation(
                "I2-accepted-twice", f"the carrier accepted one message {len(rows)} times", (message, *(row["sid"] for row in rows))
            )
        if message not in ours:
            yield Violation("I2-invented", "the carrier accepted a message that the database does not know", (message,))
    text = {str(row["id"]): row["text"] for row in evidence.messages}
    for message, rows in evidence.acceptances.items():
        if any(row["body"] != text.get(message) for row in rows):
            yield Violation("I2-altered", "the carrier accepted another text than was written", (message,))


def every_message_ends(evidence: Evidence) -> Iterator[Violation]:
    """Every queued message ends; what is said of it is what the carrier did."""
    for row in evidence.messages:
        if row["direction"] != "out":
            continue
        accepted, state, keys = len(evidence.acceptances.get(str(row["id"]), [])), row["state"], (str(row["id"]),)
        if state == "queued":
            yield Violation("I2-stuck", "a message still waits to be sent", keys)
        elif state == "unconfirmed" and accepted:
            yield Violation("I2-unsettled", "a message is unconfirmed though the carrier's list has it", keys)
        elif state == "withheld" and accepted:
            yield Violation("I2-withheld", "a withheld message was accepted by the carrier", keys)
        elif state in ("sent", "delivered", "read") and not accepted:
            yield Violation("I2-claimed", f"a message is {state}, but the carrier never accepted it", keys)
        elif state == "failed" and not row["error_reason"]:
            yield Violation("I2-reason", "a message failed without a reason", keys)


def states_fit_the_evidence(evidence: Evidence) -> Iterator[Violation]:
    """I5: the final state is at least what acknowledged receipts proved, and at most what truly happened."""
    proven: dict[str, int] = defaultdict(int)
    for call in evidence.callbacks:
        if call["kind"] == "status" and call["status_code"] == 200 and call["word"] in WORDS:
            message = call["url"].partition("#")[0].rpartition("/")[2]
            proven[message] = max(proven[message], RANKS[WORDS[call["word"]]])
    for row in evidence.messages:
        message, rank = str(row["id"]), row["rank"]
        accepted = evidence.acceptances.get(message, [])
        if row["direction"] != "out" or not accepted:
            continue
        truth = max(RANKS[WORDS.get(one["status"], "sent")] for one in accepted)
        if rank < max(proven[message], RANKS["sent"]):
            yield Violation("I5-moved-back", f"the state is {row['state']}, acknowledged receipts prove rank {proven[message]}", (message,))
        if rank > truth:
            yield Violation("I5-invented", f"the state is {row['state']}, the carrier only reached rank {truth}", (message,))


def states_never_moved_back(evidence: Evidence) -> Iterator[Violation]:
    """I5: no look at the database and no screen ever saw a state fall."""
    last: dict[str, int] = {}
    for line in evidence.lines("states"):
        for message, rank in line["ranks"].items():
            if rank < last.get(message, 0):
                yield Violation("I5-moved-back", f"a message fell from rank {last[message]} to {rank}", (message,))
            last[message] = rank
    for line in evidence.lines("screen moved back"):
        yield Violation(
            "I5-moved-back", f"a screen saw {line['before'].get('state')} become {line['after'].get('state')}", (line["entry"],)
        )


def opt_outs_hold(evidence: Evidence) -> Iterator[Violation]:
    """I3: once the opt-out is acknowledged, no send is accepted from an agent, and no call to the carrier begins."""
    stopped = {line["debtor"]: line for line in evidence.lines("stop acknowledged")}
    asked = {line["key"]: line for line in evidence.lines("outbound")}
    for line in evidence.lines("outbound answered"):
        ask = asked[line["key"]]
        stop = stopped.get(ask["debtor"])
        if stop and ask["at"] > stop["at"] and line["status"] == 202:
            yield Violation("I3-opt-out", "a message was taken after the client's opt-out", (line["key"], stop["sid"]))
    for row in evidence.messages:
        stop = stopped.get(str(row["debtor_id"]))
        if stop is None or row["direction"] != "out" or row["attempt_at"] is None:
            continue
        if row["attempt_at"].timestamp() > stop["at"] and str(row["id"]) in evidence.acceptances:
            yield Violation("I3-opt-out", "a call to the carrier began after the client's opt-out", (str(row["id"]), stop["sid"]))


def one_owner(evidence: Evidence) -> Iterator[Violation]:
    """Two agents who take one conversation at the same moment: at most one of them has it."""
    pressed = list(evidence.lines("pressed"))
    for line in pressed:
        # Where somebody let it go at the same moment, the second one got it rightly.
        meanwhile = any(
            other["conversation"] == line["conversation"]
            and other["action"] != "claim"
            and other["began"] - _ONE_MOMENT < line["at"]
            and other["at"] + _ONE_MOMENT > line["began"]
            for other in pressed
        )
        if line["action"] == "claim" and line["codes"] == [200, 200] and not meanwhile:
            yield Violation("I9-owner", f"{' and '.join(line['who'])} were both given a conversation", (line["conversation"],))


def timelines_are_dense(evidence: Evidence) -> Iterator[Violation]:
    """Positions are 1, 2, 3…; no entry is newer than its conversation."""
    found = {row["conversation_id"]: row for row in evidence.positions}
    for row in evidence.conversations:
        entries = found.get(row["id"])
        number = entries["number"] if entries else 0
        highest = entries["highest"] if entries else 0
        if not number == highest == row["position"]:
            yield Violation(
                "I7-order", f"{number} entries, highest position {highest}, conversation says {row['position']}", (str(row["id"]),)
            )
        if entries and entries["newest"] > row["revision"]:
            yield Violation("I7-order", "an entry is newer than its conversation", (str(row["id"]),))


def ledger_is_whole(evidence: Evidence) -> Iterator[Violation]:
    """I7: dense, unaltered leaves; the product's own verification agrees; every message has its entry, written once."""
    for seq, row in enumerate(evidence.audit):
        if row["seq"] != seq or hashlib.sha256(b"\x00" + row["body"].encode()).digest() != row["leaf"]:
            yield Violation("I7-ledger", f"entry {seq} of the ledger is missing or altered")
            break
    if evidence.ledger_code:
        yield Violation("I7-ledger", f"`trato ledger verify` says: {evidence.ledger_says}")
    told = Counter((one["action"], one["detail"].get("message") or one["detail"].get("entry")) for one in _facts(evidence))
    for row in evidence.messages:
        fact = ("message.queued" if row["direction"] == "out" else "message.received", str(row["id"]))
        if told[fact] != 1:
            yield Violation("I7-ledger", f"{fact[0]} stands {told[fact]} times in the ledger", (fact[1],))


def _facts(evidence: Evidence) -> Iterable[Row]:
    return (row["fact"] for row in evidence.audit)


def screens_converged(evidence: Evidence) -> Iterator[Violation]:
    """I4: every screen equals a fresh render for the same person: ids, order, revisions and visible text."""
    for line in evidence.lines("screen"):
        difference = _difference(line["topic"], line["shown"], line["fresh"])
        if difference:
            yield Violation("I4-screen", f"{line['screen']} on {line['topic']}: {difference}", (line["topic"].partition(":")[2],))


def _difference(topic: str, shown: Row, fresh: Row) -> str:
    if shown["seen"] != fresh["seen"]:
        return f"stands at {shown['seen']}, a fresh render at {fresh['seen']}"
    if topic.startswith("queue:") and shown["order"] != fresh["order"]:
        return "rows or their order differ"
    first = min((part["position"] for part in fresh["parts"].values() if "position" in part), default=0)
    for name in sorted({*shown["parts"], *fresh["parts"]}):
        ours, theirs = shown["parts"].get(name), fresh["parts"].get(name)
        # A screen keeps the older entries that a fresh render no longer begins with.
        if theirs is None and ours is not None and ours.get("position", first) < first:
            continue
        if ours is None or theirs is None:
            return f"{name} is only {'in the fresh render' if ours is None else 'on the screen'}"
        compared = ("revision", "text", "state") if name.startswith(("e-", "q-")) else ("text",)
        for aspect in compared:
            if ours.get(aspect) != theirs.get(aspect):
                return f"{name}: {aspect} is {ours.get(aspect)!r}, in a fresh render {theirs.get(aspect)!r}"
    return ""


def nothing_surprised(evidence: Evidence) -> Iterator[Violation]:
    """Whatever is killed, programs expect it: no trace of an unforeseen error stands in a log."""
    for program, said in evidence.complaints:
        yield Violation("log", f"{program}: {said}")
