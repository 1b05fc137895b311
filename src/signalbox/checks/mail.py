"""What do checks of mail servers share? How the connection is secured, and a login that never goes in the clear."""

from __future__ import annotations

import base64
from asyncio import IncompleteReadError
from typing import Any, Literal, Self
from urllib.parse import SplitResult

from pydantic import Field, model_validator

from signalbox.checks.call import Family, TalkingCheck
from signalbox.checks.trust import Trust

CLOSED = (IncompleteReadError, ConnectionError)  # who closes instead of saying goodbye has understood it
Security = Literal["none", "starttls", "tls"]


class MailCheck(TalkingCheck):
    """A mail server. Subclasses say which port is usual for `tls`."""

    security: Security = Field(
        "none", description="none: in the clear; starttls: begin so and change to TLS; tls: TLS from the first byte."
    )
    user: str | None = Field(None, max_length=320, description="User to log in as; without one nobody logs in.")
    password: str | None = Field(None, max_length=1_000, description="Password.")
    tls: Trust = Field(Trust(), description="Whom to trust, how to show who we are, and the oldest version taken.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.user is None) is not (self.password is None):
            raise ValueError("user and password come together")
        if self.user is not None and self.security == "none" and not self.local:
            raise ValueError("a password does not go in the clear: write  security: starttls  or  security: tls")
        if any(not sign.isprintable() for sign in f"{self.user or ''}{self.password or ''}"):
            raise ValueError("user and password hold printable characters only")
        return self

    def masked(self, said: str) -> str:
        """What a server said, for the evidence: some repeat a command that they refuse, and with it the password."""
        user, password = self.user or "", self.password
        if not password:
            return said
        spellings = (f"\0{user}\0{password}", password)
        secrets = [base64.b64encode(one.encode()).decode() for one in spellings]
        for secret in (*secrets, password.replace("\\", "\\\\").replace('"', '\\"'), password):
            said = said.replace(secret, "***")
        return said

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """Host, port and login; the scheme that ends with s is TLS from the first byte, on the port usual for that."""
        options = super().options_of(url, parts)
        if parts.scheme == cls.schemes[1]:
            options = {"port": cls.usual_port, **options, "security": "tls"}
        return options
