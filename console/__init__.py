"""The doors: pages, JSON API, carrier webhooks, live socket and command line."""
