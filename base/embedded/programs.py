"""The product's own commands, and which settings each is told."""

from __future__ import annotations

import sys
from dataclasses import dataclass

# What other programs on this machine must know too, if the launcher was told it.
SHARED = (
    "CARRIER", "DEMO", "PORT", "SIMULATOR_PORT", "SMTP_PORT", "PUBLIC_URL", "DATABASE_URL", "SEQUENCER_DATABASE_URL",
    "MIGRATOR_DATABASE_URL", "REDIS_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_OLD", "TWILIO_SENDER",
    "TWILIO_WHATSAPP_SENDER", "TWILIO_API_URL", "TWILIO_MESSAGING_URL", "TWILIO_CONTENT_URL", "TRATO_KEYS", "TRATO_INDEX_KEY", "TRATO_SESSION_KEY", "TRATO_LEDGER_KEY",
)  # fmt: skip
# The simulator is the other side: it knows its account as a carrier does, and nothing of our data.
NOT_THE_SIMULATORS = ("DATABASE_URL", "SEQUENCER_DATABASE_URL", "MIGRATOR_DATABASE_URL", "REDIS_URL", "TRATO_KEYS",
                       "TRATO_INDEX_KEY", "TRATO_SESSION_KEY", "TRATO_LEDGER_KEY", "METRICS_TOKEN")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Programs:
    """The commands of the product; tests put small ones in their place."""

    migrate: tuple[str, ...]
    seed: tuple[str, ...]
    people: tuple[str, ...]
    simulator: tuple[str, ...]
    worker: tuple[str, ...]
    web: tuple[str, ...]


def product_programs() -> Programs:
    """The product's own commands, run by the Python that runs us."""
    trato = (sys.executable, "-m", "console.cli")
    return Programs(
        migrate=(*trato, "migrate"),
        seed=(*trato, "seed"),
        people=(*trato, "people"),
        simulator=(sys.executable, "-m", "simulator"),
        worker=(*trato, "worker"),
        web=(*trato, "web"),
    )
