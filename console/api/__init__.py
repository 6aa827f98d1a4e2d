"""The JSON API under /api/v1: the same doors, rights and gate as the screens."""
