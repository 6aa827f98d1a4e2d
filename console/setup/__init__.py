"""The settings: a path from an empty installation to the first lawful message, and the pages that it consists of."""

from __future__ import annotations

from typing import Any

from console.setup import agent_files, agents, checklist, client_files, clients, creditors, reach, senders, start, teams, templates, welcome

HANDLERS: tuple[Any, ...] = (
    start.start_page,
    start.start_form,
    welcome.welcome_page,
    welcome.welcome_form,
    *checklist.HANDLERS,
    *creditors.HANDLERS,
    *teams.HANDLERS,
    *agents.HANDLERS,
    *agent_files.HANDLERS,
    *senders.HANDLERS,
    *templates.HANDLERS,
    *client_files.HANDLERS,
    *clients.HANDLERS,
    *reach.HANDLERS,
)

__all__ = ["HANDLERS"]
