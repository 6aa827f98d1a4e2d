"""Conversations: receiving, sending, delivering, and the timeline they leave."""
