"""Does an MQTT broker take us, and what does it say on a topic? (OASIS MQTT 3.1.1 and 5.0)"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import SplitResult

from pydantic import BeforeValidator, Field, model_validator

from signalbox.checks.call import Call, Family, TalkingCheck
from signalbox.checks.conditions import Expected
from signalbox.checks.hosts import Port
from signalbox.checks.queries import hold
from signalbox.checks.trust import Trust, version_text
from signalbox.signals import Reason

_CONNACK, _PUBLISH, _SUBACK = 0x20, 0x30, 0x90
_LARGEST = 65_536  # bytes of one packet
_MOST_PACKETS = 1_000  # that may come before the one we wait for
_REFUSED = {  # return codes of 3.1.1, reason codes of 5.0
    1: "the broker does not speak this version", 2: "the broker refused our client id",
    3: "the broker is not available", 4: "the broker refused the login", 5: "the broker refused the login",
    0x84: "the broker does not speak this version", 0x85: "the broker refused our client id",
    0x86: "the broker refused the login", 0x87: "the broker refused the login", 0x88: "the broker is not available",
    0x89: "the broker is busy", 0x8A: "the broker has banned us", 0x9F: "the broker takes no more connections",
}  # fmt: skip


class MqttCheck(TalkingCheck):
    """An MQTT broker. Up when it takes us, and a topic's message is as expected."""

    schemes = ("mqtt", "mqtts")
    usual_port = 8883
    examples = (
        {"kind": "mqtt", "host": "broker.example.com"},
        {
            "kind": "mqtt", "host": "broker.example.com", "port": 8883, "tls": {}, "user": "watcher",
            "password": "${MQTT_PASSWORD}", "topic": "plant/+/state", "expect": "running",
        },
    )  # fmt: skip

    kind: Literal["mqtt"] = "mqtt"
    port: Port = Field(1883, description="Its port: 1883, or 8883 with tls.")
    version: Annotated[Literal["3.1.1", "5"], BeforeValidator(version_text)] = Field(
        "3.1.1", description="Version of the protocol."
    )
    user: str | None = Field(None, max_length=200, description="User.")
    password: str | None = Field(None, max_length=1_000, description="Password.")
    topic: str | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="Topic to subscribe to, + and # allowed; its next message counts.",
    )
    expect: Expected | None = Field(None, description="What that message has to be like: a value alone, or conditions.")
    tls: Trust | None = Field(None, description="Speak TLS; {} for the usual authorities.")
    family: Family = Field(None, description="Only over ipv4, or only over ipv6.")

    @model_validator(mode="after")
    def _fits(self) -> MqttCheck:
        if self.expect is not None and self.topic is None:
            raise ValueError("expect: is for what a topic says; write  topic:")
        if self.password is not None and self.user is None:
            raise ValueError("password: needs a user, too")
        return self

    @classmethod
    def options_of(cls, url: str, parts: SplitResult) -> dict[str, Any]:
        """Host, port and login; mqtts:// is TLS on the port usual for that."""
        options = super().options_of(url, parts)
        return {"port": cls.usual_port, **options, "tls": {}} if parts.scheme == "mqtts" else options

    async def talk(self, call: Call) -> None:
        """Connect, hear a topic if there is one, and disconnect."""
        await call.connect(self.host, self.port, self.family)
        if self.tls is not None:
            await call.start_tls(self.host, self.tls)
        await call.send(self._connect())
        kind, body = await _packet(call)
        call.expect(kind & 0xF0 == _CONNACK and len(body) >= 2, "the broker's answer is not MQTT's")
        if body[1]:
            call.fail(Reason.ASSERTION, _REFUSED.get(body[1], f"the broker refused us with code {body[1]}"))
        if self.topic is not None:
            await self._listen(call, self.topic)
        await call.send(b"\xe0\x00")

    def _connect(self) -> bytes:
        flags, payload = 0x02, _text("")  # clean start; the broker chooses a client id
        if self.user is not None:
            flags, payload = flags | 0x80, payload + _text(self.user)
        if self.password is not None:
            flags, payload = flags | 0x40, payload + _text(self.password)
        level = 5 if self.version == "5" else 4
        properties = b"\0" if level == 5 else b""
        return _framed(0x10, _text("MQTT") + bytes((level, flags, 0, 60)) + properties + payload)

    async def _listen(self, call: Call, topic: str) -> None:
        properties = b"\0" if self.version == "5" else b""
        await call.send(_framed(0x82, b"\0\x01" + properties + _text(topic) + b"\0"))
        call.doing("no message came")
        for _ in range(_MOST_PACKETS):
            kind, body = await _packet(call)
            if kind & 0xF0 == _SUBACK:
                call.expect(body and body[-1] < 0x80, "the broker forbids that topic to us", Reason.ASSERTION)
                if self.expect is None:
                    return
            elif kind & 0xF0 == _PUBLISH:
                message = self._payload(kind, body).decode("utf-8", errors="replace")
                hold(call, f"the message on {topic}", self.expect, message)
                return
        call.fail(Reason.PROTOCOL, "the broker sent packets without an end")

    def _payload(self, kind: int, body: bytes) -> bytes:
        start = 2 + int.from_bytes(body[:2], "big") + (2 if kind & 0x06 else 0)  # topic, packet id
        if self.version == "5":
            length, used = _varint(body[start:])
            start += used + length
        return body[start:]


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _framed(kind: int, body: bytes) -> bytes:
    length, size = b"", len(body)
    while True:
        size, digit = divmod(size, 128)
        length += bytes((digit | (0x80 if size else 0),))
        if not size:
            return bytes((kind,)) + length + body


def _varint(data: bytes) -> tuple[int, int]:
    """A variable byte integer, and how many bytes it took."""
    value = 0
    for place, byte in enumerate(data[:4]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, place + 1
    return 0, min(len(data), 4)


async def _packet(call: Call) -> tuple[int, bytes]:
    """The next packet: its first byte, and what follows its length."""
    kind = (await call.exactly(1))[0]
    size = 0
    for place in range(4):
        byte = (await call.exactly(1))[0]
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            break
    call.expect(size <= _LARGEST, "the broker's packet is too large")
    return kind, await call.exactly(size) if size else b""
