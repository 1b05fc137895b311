"""Does a MongoDB answer, and what does it hold? Without a login by one `hello` of its wire protocol
(https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/), with one by pymongo."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, JsonValue, model_validator

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.conditions import Expected
from signalbox.checks.hosts import Port
from signalbox.checks.pem import files
from signalbox.checks.queries import hold, missing
from signalbox.checks.trust import Trust
from signalbox.signals import Reason

if TYPE_CHECKING:
    from pymongo.errors import PyMongoError

_OP_MSG = 2013
_LARGEST = 65_536  # bytes of the answer to a hello
_FIELDS = b"\x10hello\x00" + struct.pack("<i", 1) + b"\x02$db\x00" + struct.pack("<i", 6) + b"admin\x00"
_DOCUMENT = struct.pack("<i", len(_FIELDS) + 5) + _FIELDS + b"\x00"
_HELLO = struct.pack("<iiiiib", 21 + len(_DOCUMENT), 1, 0, _OP_MSG, 0, 0) + _DOCUMENT
_OK = b"\x01ok\x00" + struct.pack("<d", 1.0)
_PRIMARY = b"\x08isWritablePrimary\x00\x01"
_TOLD = {  # MongoDB's error code → words
    13: "the server forbids that query to this user",
    18: "the server refused the login",
    50: "the query took too long",
    11_600: "the server is shutting down",
}


class MongodbCheck(TalkingCheck):
    """A MongoDB. Up when it says hello, takes the login and holds what is expected."""

    schemes = ("mongodb",)
    examples = (
        {"kind": "mongodb", "host": "db.example.com", "primary": True},
        {
            "kind": "mongodb", "host": "db.example.com", "user": "watcher", "password": "${DB_PASSWORD}", "tls": {},
            "database": "shop", "collection": "jobs", "filter": {"state": "failed"}, "expect": {"below": 10},
        },
    )  # fmt: skip

    kind: Literal["mongodb"] = "mongodb"
    port: Port = Field(27017, description="Its port.")
    user: str | None = Field(None, max_length=200, description="User to log in as; without one nobody logs in.")
    password: str | None = Field(None, max_length=1_000, description="Password.")
    source: str = Field("admin", max_length=100, description="Database that knows the user.")
    primary: bool = Field(False, description="It has to be the primary, which takes writes.")
    database: str | None = Field(None, max_length=100, description="Database of the collection.")
    collection: str | None = Field(None, max_length=200, description="Collection whose documents are counted.")
    filter: dict[str, JsonValue] = Field({}, description="Which documents are counted; all where it is not written.")
    expect: Expected | None = Field(None, description="How many there have to be: a number, or conditions.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @model_validator(mode="after")
    def _fits(self) -> MongodbCheck:
        if self.user is None and (self.password or self.collection):
            raise ValueError("password and collection need a user to log in as")
        if self.user is not None and self.password is None:
            raise ValueError("user: needs a password, too")
        if (self.collection is None) is not (self.database is None):
            raise ValueError("database and collection come together")
        if self.collection is None and (self.filter or self.expect is not None):
            raise ValueError("filter and expect are for a collection; write one")
        return self

    async def talk(self, call: Call) -> None:
        """Say hello; log in and count, if that is asked for."""
        await call.connect(self.host, self.port, self.family)
        if self.tls is not None:
            await call.start_tls(self.host, self.tls)
        await self._hello(call)
        if self.user is not None:
            address, _port = call.peer
            call.close()
            await self._log_in(call, address)

    async def _hello(self, call: Call) -> None:
        await call.send(_HELLO)
        length, _number, answering, code = struct.unpack("<iiii", await call.exactly(16))
        call.expect(code == _OP_MSG and answering == 1 and 26 < length <= _LARGEST, "the answer is not MongoDB's")
        body = await call.exactly(length - 16)
        call.expect(_OK in body, "the server did not answer hello with ok", Reason.ASSERTION)
        call.expect(not self.primary or _PRIMARY in body, "it is not the primary", Reason.ASSERTION)

    async def _log_in(self, call: Call, address: str) -> None:
        """With a connection of pymongo's own, to the address that answered. Whose certificate it is was seen before."""
        try:
            from pymongo import AsyncMongoClient
            from pymongo.errors import PyMongoError
        except ImportError:
            missing(call, "mongodb")
        start, patience = time.monotonic(), max(1, int(call.left * 1000))
        with files(self.tls) as pem:
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
                address, self.port, username=self.user, password=self.password, authSource=self.source,
                directConnection=True, serverSelectionTimeoutMS=patience, connectTimeoutMS=patience,
                socketTimeoutMS=patience, maxPoolSize=1, retryReads=False, appname="signalbox",
                readPreference="primaryPreferred", **_trusting(self.tls, pem, call.probe.curl.ca_file),
            )  # fmt: skip
            try:
                await client.admin.command("ping")
                call.outcome.ttfb = (time.monotonic() - start) * 1000
                if self.database is not None and self.collection is not None:
                    call.doing("no answer to the query")
                    found = client[self.database][self.collection]
                    count = await found.count_documents(self.filter, maxTimeMS=patience)
                    hold(call, "the count of documents", self.expect, count)
            except PyMongoError as error:
                _fail(call, error)
            finally:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await client.close()


def _trusting(trust: Trust | None, pem: dict[str, str], ca_file: str) -> dict[str, Any]:
    """pymongo's options for that trust."""
    if trust is None:
        return {}
    shown = {"tlsCertificateKeyFile": pem["certificate"]} if "certificate" in pem else {}
    if trust.insecure:
        return {"tls": True, "tlsAllowInvalidCertificates": True, **shown}
    return {"tls": True, "tlsCAFile": pem.get("ca", ca_file), "tlsAllowInvalidHostnames": True, **shown}


def _fail(call: Call, error: PyMongoError) -> None:
    from pymongo.errors import NetworkTimeout, OperationFailure, ServerSelectionTimeoutError

    call.evidence.note("answer", str(error))
    if isinstance(error, OperationFailure):
        words = _TOLD.get(error.code or 0, f"the server answered with error {error.code}")
        call.fail(Reason.ASSERTION, words)
    if isinstance(error, NetworkTimeout | ServerSelectionTimeoutError):
        raise TimeoutError
    call.fail(Reason.PROTOCOL, "the connection ended before the server answered")
