"""A small MongoDB for tests, since none is packaged: hello, SCRAM-SHA-256, ping and counting, on a free port."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import socketserver
import ssl
import struct
import threading
from typing import Any, Self

import bson

USER, PASSWORD = "watcher", "planted-password"
_QUERY, _REPLY, _MESSAGE = 2004, 1, 2013
_ROUNDS = 4_096


class _Conversation:
    """One login (RFC 5802, RFC 7677)."""

    def __init__(self, payload: bytes) -> None:
        self._first = payload.decode().removeprefix("n,,")
        nonce = dict(part.split("=", 1) for part in self._first.split(","))["r"]
        salt = secrets.token_bytes(16)
        self._salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt, _ROUNDS)
        self.challenge = f"r={nonce}{secrets.token_hex(8)},s={base64.b64encode(salt).decode()},i={_ROUNDS}"

    def finish(self, payload: bytes) -> bytes | None:
        """The server's signature; None when the client does not know the password."""
        text = payload.decode()
        unproved, _, proof = text.rpartition(",p=")
        signed = f"{self._first},{self.challenge},{unproved}".encode()
        key = hmac.digest(self._salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
        wanted = bytes(one ^ two for one, two in zip(key, signature, strict=True))
        if base64.b64decode(proof) != wanted or f"n={USER}," not in self._first:
            return None
        server = hmac.digest(hmac.digest(self._salted, b"Server Key", "sha256"), signed, "sha256")
        return b"v=" + base64.b64encode(server)


class _Visit(socketserver.StreamRequestHandler):
    server: _Listener

    def handle(self) -> None:
        """Answer until the client goes."""
        self._conversation: _Conversation | None = None
        self._known = False
        while head := self.rfile.read(16):
            length, number, _, code = struct.unpack("<iiii", head)
            body = self.rfile.read(length - 16)
            start = body.index(b"\x00", 4) + 9 if code == _QUERY else 5
            answer = bson.encode(self._answer(bson.decode(body[start:])))
            before = struct.pack("<iqii", 0, 0, 0, 1) if code == _QUERY else struct.pack("<ib", 0, 0)
            size = 16 + len(before) + len(answer)
            kind = _REPLY if code == _QUERY else _MESSAGE
            self.wfile.write(struct.pack("<iiii", size, 7, number, kind) + before + answer)

    def _answer(self, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        if name.lower() in ("hello", "ismaster"):
            return {
                "isWritablePrimary": self.server.primary, "ismaster": self.server.primary, "maxWireVersion": 21,
                "minWireVersion": 0, "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
                "maxWriteBatchSize": 100_000, "saslSupportedMechs": ["SCRAM-SHA-256"], "ok": 1.0,
            }  # fmt: skip
        if name == "saslStart":
            self._conversation = _Conversation(command["payload"])
            payload = self._conversation.challenge.encode()
            return {"conversationId": 1, "done": False, "payload": payload, "ok": 1.0}
        if name == "saslContinue" and self._conversation is not None:
            signature = self._conversation.finish(command["payload"])
            if signature is None:
                return {"ok": 0.0, "code": 18, "errmsg": "Authentication failed."}
            self._known = True
            return {"conversationId": 1, "done": True, "payload": signature, "ok": 1.0}
        if not self._known:
            return {"ok": 0.0, "code": 13, "errmsg": f"command {name} requires authentication"}
        if name == "aggregate":
            match = command["pipeline"][0]["$match"]
            found = [one for one in self.server.documents if match.items() <= one.items()]
            batch = [{"_id": 1, "n": len(found)}] if found else []
            return {"cursor": {"id": 0, "ns": "shop.jobs", "firstBatch": batch}, "ok": 1.0}
        return {"ok": 1.0}


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    primary = True
    documents = ({"state": "failed"}, {"state": "failed"}, {"state": "done"})
    tls: ssl.SSLContext | None = None

    def get_request(self) -> Any:
        """A connection; over TLS where it is to be."""
        connection, peer = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), peer

    def handle_error(self, *_: object) -> None:
        """Clients that go in the middle are part of the tests."""


class Mongo:
    """The server, while a `with` lasts."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._listener = _Listener(("127.0.0.1", 0), _Visit)
        self._listener.tls = tls
        self.port = int(self._listener.server_address[1])
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    def step_down(self) -> None:
        """Be a secondary from now on."""
        self._listener.primary = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
