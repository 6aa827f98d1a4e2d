"""The demo: three teams, three hundred made-up clients and what was said with them in the last sixty days, the same at every first start."""

from console.demo_before import DEMO_TEAM, DemoClient, demo_clients, write_demo

__all__ = ["DEMO_TEAM", "DemoClient", "demo_clients", "write_demo"]
