"""Prints the path of the Chromium that Playwright installed, or nothing."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    program = Path(playwright.chromium.executable_path)
    if program.is_file():
        print(program)
