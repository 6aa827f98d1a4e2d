"""Who is speaking, and what may therefore be shown."""
