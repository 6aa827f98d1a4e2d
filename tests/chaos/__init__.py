"""Chaos: load through the real doors while things are killed, and an independent checker of what came of it."""
