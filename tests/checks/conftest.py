"""Fixtures for checks: a probe that trusts a test authority, certificates good and bad."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from signalbox.checks.probe import Probe
from signalbox.guard import Guard
from signalbox.resolver import Resolver
from tests.servers.nameserver import NameServer


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Who issues the certificates that the probe trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The authority's certificate in a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def serving(authority: trustme.CA, *names: str, **options: Any) -> ssl.SSLContext:
    """A TLS server context with a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


@pytest.fixture
def nameserver() -> Iterator[NameServer]:
    """A name server without names."""
    with NameServer() as server:
        yield server


@pytest.fixture
def make_probe(ca_file: Path, nameserver: NameServer) -> Iterator[Callable[[str], Probe]]:
    """Makes an open probe with that guard setting, which asks the test's name server."""
    made: list[Probe] = []

    def make(guard: str = "internal") -> Probe:
        probe = Probe(Guard.from_setting(guard), ca_file, Resolver([nameserver.address]))
        probe.open()
        made.append(probe)
        return probe

    yield make
    for probe in made:
        probe.close()


@pytest.fixture
def probe(make_probe: Callable[..., Probe]) -> Probe:
    """An open probe with the default guard."""
    return make_probe()
