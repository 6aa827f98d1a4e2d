"""Turns rows into what the templates show, for one reader: names opened, numbers masked, other portfolios closed, words translated."""

from console.desk.conversations import card_view, conversation_view
from console.desk.entries import entry_views, story_view
from console.desk.notices import me_view
from console.desk.queues import queue_key, queue_row, queue_view
from console.desk.teller import Desk

__all__ = ["Desk", "card_view", "conversation_view", "entry_views", "me_view", "queue_key", "queue_row", "queue_view", "story_view"]
