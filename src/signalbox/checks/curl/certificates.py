"""What do the peer's certificates say? From libcurl's CERTINFO: one list of names and values a certificate."""

from __future__ import annotations

import calendar
import time
from functools import lru_cache

import pycurl

from signalbox.clock import MICROS

_TOLD = (b"Subject", b"Issuer", b"Start date", b"Expire date")
_MOST = 6  # certificates of a chain that are told


def leaf_expiry(curl: pycurl.Curl) -> int | None:
    """When the peer's own certificate expires, in UTC microseconds; it comes first, and comes even if not trusted."""
    for certificate in curl.getinfo_raw(pycurl.INFO_CERTINFO)[:1]:
        for name, value in certificate:
            if name == b"Expire date":
                return _moment(value)
    return None


def chain(curl: pycurl.Curl) -> list[str]:
    """Subject, issuer and validity of each certificate, the peer's own first."""
    told = []
    for number, certificate in enumerate(curl.getinfo_raw(pycurl.INFO_CERTINFO)[:_MOST]):
        facts = dict(certificate)
        lines = [f"{name.decode().lower()}: {facts[name].decode(errors='replace')}" for name in _TOLD if name in facts]
        told.append(f"{number}: " + "; ".join(lines)[:600])
    return told


@lru_cache(1024)
def _moment(text: bytes) -> int | None:
    """OpenSSL's `Nov 24 02:07:00 2027 GMT` in UTC microseconds; None where it is written otherwise."""
    try:
        parsed = time.strptime(text.decode("ascii"), "%b %d %H:%M:%S %Y GMT")
    except ValueError:
        return None
    return calendar.timegm(parsed) * MICROS
