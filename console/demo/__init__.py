"""The demo: three teams, three hundred made-up clients and what was said with them in the last sixty days, the same at every first start."""
