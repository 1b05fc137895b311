"""A registry for tests: RDAP (RFC 9083) over HTTP on loopback, and the list that says where it is (RFC 9224)."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

from tests.servers.hostile import Server, Visit


def registration(name: str, days: float, **more: Any) -> dict[str, Any]:
    """What RDAP says of a domain whose registration lasts that many days."""
    ends = datetime.fromtimestamp(time.time() + days * 86_400, UTC).isoformat()
    events = [
        {"eventAction": "registration", "eventDate": "1999-01-01T00:00:00Z"},
        {"eventAction": "expiration", "eventDate": ends},
    ]
    return {"objectClassName": "domain", "ldhName": name.upper(), "events": events, "status": ["active"], **more}


class Registry(Server):
    """Answers by path from `answers`: a JSON value, or a status line with headers; 404 for what it does not know."""

    def __init__(self) -> None:
        super().__init__(self._behave)
        self.answers: dict[str, Any] = {}
        self.paths: list[str] = []

    def list_for(self, *names: str) -> None:
        """Have the list, at /dns.json, say that these top-level domains are here."""
        services = [[["else"], ["https://127.0.0.1:1/"]], [list(names), ["ftp://nowhere.test/", self.url("/rdap/")]]]
        self.answers["/dns.json"] = {"version": "1.0", "services": services}

    def _behave(self, visit: Visit) -> None:
        path = visit.request().split(b" ")[1].decode()
        self.paths.append(path)
        answer = self.answers.get(path, "404 Not Found\r\n")
        if isinstance(answer, str):
            visit.send(f"HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        body = json.dumps(answer).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/rdap+json\r\nContent-Length: {len(body)}\r\n"
        visit.send(head.encode() + b"Connection: close\r\n\r\n" + body)
