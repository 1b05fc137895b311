"""Does a server take connections, and answer as expected when it is spoken to?"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.trust import Trust
from signalbox.signals import Reason


class TcpCheck(TalkingCheck):
    """A TCP port. Up when it takes a connection and, where something is expected, says it."""

    schemes = ("tcp",)
    examples = (
        {"kind": "tcp", "host": "db.example.com", "port": 5432},
        {"kind": "tcp", "host": "cache.example.com", "port": 11211, "send": "version\r\n", "expect": "VERSION"},
    )

    kind: Literal["tcp"] = "tcp"
    send: str = Field("", max_length=4_096, description="What to send once connected.")
    expect: str | None = Field(None, max_length=1_024, description="Text that has to come back.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    async def talk(self, call: Call) -> None:
        """Connect, speak TLS where that is asked for, send, and read until what is expected came."""
        await call.connect(self.host, self.port, self.family)
        if self.tls is not None:
            await call.start_tls(self.host, self.tls)
        if self.send:
            await call.send(self.send.encode())
        if self.expect is None:
            return
        seen, wanted = b"", self.expect.encode()
        call.doing("what was expected did not come")
        while wanted not in seen:
            more = await call.some()
            if not more:
                call.evidence.note("received", seen)
                call.fail(Reason.ASSERTION, "the server closed the connection without saying what was expected")
            seen += more
