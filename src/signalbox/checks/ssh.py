"""Does an SSH server answer? It says who it is, and so do we (RFC 4253, section 4.2); nobody logs in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.conditions import Expected
from signalbox.checks.hosts import Port
from signalbox.checks.queries import hold

_MOST_LINES = 50  # that a server may say before


class SshCheck(TalkingCheck):
    """An SSH server. Up when it says that it speaks SSH 2, and its software is as expected."""

    schemes = ("ssh",)
    examples = (
        {"kind": "ssh", "host": "bastion.example.com"},
        {"kind": "ssh", "host": "bastion.example.com", "port": 2222, "expect": {"contains": "OpenSSH"}},
    )

    kind: Literal["ssh"] = "ssh"
    port: Port = Field(22, description="Its port.")
    expect: Expected | None = Field(
        None, description="What the server's own name has to be like, such as {contains: OpenSSH_9}."
    )
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    async def talk(self, call: Call) -> None:
        """Say who we are, and read who the server is."""
        await call.connect(self.host, self.port, self.family)
        await call.send(b"SSH-2.0-Signalbox\r\n")
        for _ in range(_MOST_LINES):
            line = await call.line()
            if line.startswith("SSH-"):
                break
        call.evidence.note("identification", line)
        call.expect(line.startswith("SSH-"), "the server did not say that it speaks SSH")
        _, version, software = [*line.split("-", 2), "", ""][:3]
        call.expect(version in ("2.0", "1.99"), f"the server speaks SSH {version[:10]}, not 2.0")
        hold(call, "the server's name", self.expect, software)
