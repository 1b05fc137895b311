"""Fixtures for all tests: the real servers."""

from __future__ import annotations

import importlib.util

_SERVERS = ("questdb", "redis", "postgres", "chromium", "target")

pytest_plugins = [f"tests.servers.{name}" for name in _SERVERS if importlib.util.find_spec(f"tests.servers.{name}")]
