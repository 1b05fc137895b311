"""What does a check ask with? The equipment of one process: an HTTP client, a resolver, an address guard."""

from __future__ import annotations
