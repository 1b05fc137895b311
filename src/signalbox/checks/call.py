"""How does a check talk to a server over TCP? One guarded connection, its phases, and words for what went wrong.

A kind that talks a protocol of lines or bytes subclasses `TalkingCheck` and writes only `talk`. Everything that can
happen to a connection becomes an outcome here: names that are not found, addresses that the guard forbids, refusals,
resets, deadlines, and TLS that fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import Literal, NoReturn

from signalbox.checks.base import Outcome
from signalbox.checks.evidence import Assertion, Evidence, worst
from signalbox.checks.failures import verdict_of
from signalbox.checks.hosts import HostCheck, known_host
from signalbox.checks.probe import Probe
from signalbox.checks.trust import Trust, certificate_words, handshake_words, leaf_expiry
from signalbox.signals import Reason, Verdict

MOST = 1_000_000  # bytes read from a server in one check
LINE = 8_192  # bytes of one line
_FAMILIES = {"ipv4": (socket.AF_INET,), "ipv6": (socket.AF_INET6,), None: (socket.AF_INET, socket.AF_INET6)}

Family = Literal["ipv4", "ipv6"] | None


class Trouble(Exception):
    """The target is not as it should be. Carries what the outcome says."""

    def __init__(self, reason: Reason, message: str, verdict: Verdict | None = None) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message
        self.verdict = verdict or verdict_of(reason)


class Call:
    """One check under way: the connection, the clock, the outcome so far and the evidence."""

    def __init__(self, probe: Probe, timeout: float, *, fresh: bool = False) -> None:
        self.probe, self.timeout, self._fresh = probe, timeout, fresh
        self.started = time.monotonic()
        self.outcome = Outcome(Verdict.UP, Reason.OK)
        self.evidence = Evidence()
        self._doing = "no connection"
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._read = 0

    # --- ways to fail ---

    def fail(self, reason: Reason, message: str) -> NoReturn:
        """End the check with that reason."""
        raise Trouble(reason, message)

    def expect(self, holds: object, message: str, reason: Reason = Reason.PROTOCOL) -> None:
        """End the check unless that holds."""
        if not holds:
            raise Trouble(reason, message)

    def hold(self, held: Sequence[Assertion]) -> None:
        """Take expectations on the answer, and end the check unless all held; the worst of them is told."""
        self.outcome.assertions = held
        if problem := worst(held):
            self.evidence.assertions(held)
            verdict, reason, message = problem
            raise Trouble(reason, message, verdict)

    @property
    def left(self) -> float:
        """Seconds until the deadline; never negative."""
        return max(0.0, self.started + self.timeout - time.monotonic())

    def doing(self, words: str) -> None:
        """What a time-out from now on is told as: `{words} within 10 s`."""
        self._doing = words

    # --- reaching the server ---

    async def addresses(self, host: str, family: Family = None) -> Sequence[str]:
        """The host's addresses that the guard allows, in the resolver's order. Adds the time to phase `dns`."""
        name, literal = known_host(host)
        found: Sequence[str] = (name,)
        if not literal:
            self.doing(f"no name server answered for {name}")
            resolver, start = self.probe.resolver, time.monotonic()
            lookup = None if self._fresh else resolver.cached(name)
            lookup = lookup or await resolver.lookup(name, fresh=self._fresh)
            self.outcome.dns = (self.outcome.dns or 0.0) + (time.monotonic() - start) * 1000
            if not lookup.addresses:
                self.fail(Reason.DNS, lookup.problem)
            found = lookup.addresses
        else:
            self.outcome.dns = self.outcome.dns or 0.0
        self.evidence.note("addresses", ", ".join(found))
        wanted = [one for one in found if (socket.AF_INET6 if ":" in one else socket.AF_INET) in _FAMILIES[family]]
        self.expect(wanted, f"{name} has no {'IPv6' if family == 'ipv6' else 'IPv4'} address", Reason.DNS)
        allowed = [one for one in wanted if self.probe.guard.allows(one)]
        if not allowed:
            self.fail(Reason.BLOCKED, f"not asked: {self.probe.guard.refusal(wanted[0])}")
        return allowed

    async def connect(self, host: str, port: int, family: Family = None) -> None:
        """Connect to the first address that takes it, and talk to it from now on."""
        await self.connect_to(await self.addresses(host, family), port)

    async def connect_to(self, addresses: Sequence[str], port: int) -> None:
        """The same, to addresses that are known, and allowed."""
        connection = await self._reached(addresses, port)
        self._reader, self._writer = await asyncio.open_connection(sock=connection, limit=2**16)

    async def reach(self, host: str, port: int, family: Family = None) -> socket.socket:
        """A connected socket, for a library that talks by itself; whoever takes it closes it. The phase `connect` is
        the time of all tries."""
        return await self._reached(await self.addresses(host, family), port)

    async def _reached(self, addresses: Sequence[str], port: int) -> socket.socket:
        self.doing("no connection")
        start = time.monotonic()
        connection = await self._first(addresses, port)
        self.outcome.connect = (self.outcome.connect or 0.0) + (time.monotonic() - start) * 1000
        self.doing("no answer")
        return connection

    async def _first(self, addresses: Sequence[str], port: int) -> socket.socket:
        problem = "no connection"
        for number, address in enumerate(addresses, 1):
            connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                connection.setblocking(False)
                share = self.left / (len(addresses) - number + 1)  # one dead address must not eat all the time
                async with asyncio.timeout(share):
                    await asyncio.get_running_loop().sock_connect(connection, (address, port))
            except TimeoutError:
                connection.close()
                if number == len(addresses):
                    raise
            except OSError as error:
                connection.close()
                problem = connect_words(error)
            except BaseException:
                connection.close()
                raise
            else:
                self.evidence.note("connected to", f"{address} port {port}")
                return connection
        raise Trouble(Reason.CONNECT, problem)

    async def start_tls(self, name: str, trust: Trust, protocols: Sequence[str] = ()) -> ssl.SSLObject:
        """Turn the connection into TLS, and keep what the certificate says. `name`: whose it must be."""
        assert self._writer is not None
        await self._nothing_ahead()
        self.doing("the TLS handshake did not end")
        start = time.monotonic()
        context = trust.context(self.probe.curl.ca_file, protocols)
        try:
            await self._writer.start_tls(context, server_hostname=known_host(name)[0])
        except ssl.SSLCertVerificationError as error:
            self.fail(Reason.CERTIFICATE, certificate_words(error))
        except ssl.SSLError as error:
            self.fail(Reason.TLS, handshake_words(error))
        except (ConnectionError, asyncio.IncompleteReadError):
            self.fail(Reason.TLS, "the server closed the connection during the TLS handshake")
        self.outcome.tls = (self.outcome.tls or 0.0) + (time.monotonic() - start) * 1000
        told: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        self.outcome.certificate_expires = leaf_expiry(told)
        self.evidence.note("tls", f"{told.version()}, {(told.cipher() or ('?',))[0]}")
        self.doing("no answer")
        return told

    async def _nothing_ahead(self) -> None:
        """What was said ahead in the clear must not pass for what is said over TLS: anybody may have slipped it in."""
        if self._read and self._reader is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0):
                    ahead = await self._reader.read(1)
                self.expect(not ahead, "the server said more in the clear than it may before TLS", Reason.TLS)

    @property
    def peer(self) -> tuple[str, int]:
        """Address and port that we are connected to."""
        assert self._writer is not None
        address, port = self._writer.get_extra_info("peername")[:2]
        return address, port

    # --- talking ---

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        assert self._writer is not None
        self._writer.write(data)
        await self._writer.drain()

    async def line(self) -> str:
        """The next line, without its end; at most 8 kB."""
        return (await self._until(b"\n")).rstrip(b"\r\n").decode("utf-8", errors="replace")

    async def exactly(self, count: int) -> bytes:
        """That many bytes."""
        assert self._reader is not None
        self._count(count)
        data = await self._reader.readexactly(count)
        self._answered()
        return data

    async def some(self, most: int = 65_536) -> bytes:
        """What comes next, at least a byte; nothing when the server closed."""
        assert self._reader is not None
        data = await self._reader.read(most)
        self._count(len(data))
        self._answered()
        return data

    async def _until(self, end: bytes) -> bytes:
        assert self._reader is not None
        try:
            data = await self._reader.readuntil(end)
        except asyncio.LimitOverrunError:
            self.fail(Reason.PROTOCOL, "the server sent a line without an end")
        self.expect(len(data) <= LINE, f"the server sent a line of more than {LINE} bytes")
        self._count(len(data))
        self._answered()
        return data

    def _count(self, count: int) -> None:
        self._read += count
        self.expect(self._read <= MOST, f"the server sent more than {MOST // 1_000_000} MB")

    def _answered(self) -> None:
        """The first byte came: the phase `ttfb` is the time since connecting and TLS."""
        outcome = self.outcome
        if outcome.ttfb is None:
            before = (outcome.dns or 0.0) + (outcome.connect or 0.0) + (outcome.tls or 0.0)
            outcome.ttfb = max(0.0, (time.monotonic() - self.started) * 1000 - before)

    def close(self) -> None:
        """Let go of the connection, at once."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = self._reader = None

    # --- the end ---

    @contextlib.asynccontextmanager
    async def held_to_time(self) -> AsyncIterator[None]:
        """Whatever happens within becomes the outcome, and by the deadline at that. Only our own bugs pass."""
        try:
            async with asyncio.timeout(self.left):
                yield
        except Trouble as trouble:
            self._end(trouble.reason, trouble.message)
            self.outcome.verdict = trouble.verdict
        except TimeoutError:
            self._end(Reason.TIMEOUT, f"{self._doing} within {self.timeout:g} s")
        except asyncio.IncompleteReadError:
            self._end(Reason.PROTOCOL, "the server closed the connection before its answer was complete")
        except ssl.SSLError as error:
            self._end(Reason.TLS, handshake_words(error))
        except OSError as error:
            self._end(Reason.CONNECT, connect_words(error))
        finally:
            self.close()
            self.outcome.total = (time.monotonic() - self.started) * 1000
            self.outcome.available = self.outcome.verdict in (Verdict.UP, Verdict.DEGRADED)
            if self.outcome.verdict is not Verdict.UP and self.evidence:
                self.outcome.evidence = self.evidence

    def _end(self, reason: Reason, message: str) -> None:
        self.outcome.verdict, self.outcome.reason, self.outcome.message = verdict_of(reason), reason, message


class TalkingCheck(HostCheck):
    """A check that connects to its server and talks."""

    async def ask(self, probe: Probe, timeout: float, *, fresh: bool = False) -> Outcome:  # noqa: ASYNC109
        """Connect and talk, in at most `timeout` seconds."""
        call = Call(probe, timeout, fresh=fresh)
        async with call.held_to_time():
            await self.talk(call)
        return call.outcome

    @abstractmethod
    async def talk(self, call: Call) -> None:
        """Connect and say what there is to say. Returning means up; `call.fail` and `call.expect` end it."""


def connect_words(error: OSError) -> str:
    """Why there is no connection."""
    if isinstance(error, ConnectionRefusedError):
        return "no connection: refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the connection broke: reset by the server"
    return "no connection: no way there from this machine"
