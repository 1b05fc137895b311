"""Whom does a check trust over TLS, and what does a failed handshake mean? For protocols that libcurl does not talk.

The words are those of `failures.py`; the numbers are OpenSSL's (x509_vfy.h).
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from signalbox.checks.failures import certificate_problem
from signalbox.clock import MICROS


def version_text(value: object) -> object:
    """A version as text, also where YAML took it for a number."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


TlsVersion = Annotated[Literal["1.2", "1.3"], BeforeValidator(version_text)]
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Trust(BaseModel):
    """Which servers are believed over TLS, and how we show who we are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    insecure: bool = Field(False, description="Do not look whether the certificate is trusted, fitting and valid.")
    ca: str | None = Field(None, description="Authorities to trust instead of the usual ones, as PEM text.")
    certificate: str | None = Field(None, description="Certificate that we show, with its chain, as PEM text.")
    private_key: str | None = Field(None, description="Private key of that certificate, as PEM text.")
    minimum: TlsVersion = Field("1.2", description="Oldest version of TLS that is taken: 1.2 or 1.3.")

    @model_validator(mode="after")
    def _can_be_used(self) -> Trust:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        for name, pem in (("ca", self.ca), ("certificate", self.certificate)):
            try:
                if pem is not None:
                    x509.load_pem_x509_certificates(pem.encode())
            except ValueError:
                raise ValueError(
                    f"{name}: not a certificate: write the PEM text itself (-----BEGIN CERTIFICATE-----)"
                ) from None
        if self.private_key is not None and self.certificate is None:
            raise ValueError("private_key: there is no certificate that it belongs to")
        if self.certificate is not None:
            try:
                load_pem_private_key((self.private_key or self.certificate).encode(), None)
            except (ValueError, TypeError):
                raise ValueError("private_key: write the PEM text itself, without a passphrase") from None
        return self

    def __repr_args__(self) -> list[tuple[str, object]]:
        return [("insecure", self.insecure), ("minimum", self.minimum)]  # the rest may be secret

    def context(self, ca_file: str, protocols: Sequence[str] = ()) -> ssl.SSLContext:
        """An SSL context for that trust; `ca_file` holds the usual authorities, `protocols` are ALPN names."""
        return _context(self, ca_file, tuple(protocols))


@lru_cache(256)
def _context(trust: Trust, ca_file: str, protocols: tuple[str, ...]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[trust.minimum]
    if trust.insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif trust.ca is not None:
        context.load_verify_locations(cadata=trust.ca)
    else:
        context.load_verify_locations(cafile=ca_file)
    if trust.certificate is not None:
        _show(context, trust.certificate, trust.private_key or "")
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def _show(context: ssl.SSLContext, certificate: str, private_key: str) -> None:
    """Load a certificate of ours; Python takes it from a file only."""
    with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".pem") as file:  # readable by us alone
        file.write(f"{certificate}\n{private_key}\n")
        file.flush()
        context.load_cert_chain(file.name)


def certificate_words(error: ssl.SSLCertVerificationError) -> str:
    """What is wrong with the certificate."""
    return certificate_problem(error.verify_code)


def handshake_words(error: ssl.SSLError) -> str:
    """Why a handshake failed, in OpenSSL's last words."""
    words = (error.reason or "").lower().replace("_", " ")
    return "the TLS handshake failed" + (f": {words}" if words else "")


def leaf_expiry(told: ssl.SSLObject) -> int | None:
    """When the peer's own certificate expires, in UTC microseconds; read from its bytes, so also if not trusted."""
    from cryptography import x509

    der = told.getpeercert(binary_form=True)
    if der is None:
        return None
    return int(x509.load_der_x509_certificate(der).not_valid_after_utc.timestamp()) * MICROS


def chain_words(told: ssl.SSLObject) -> list[str]:
    """Subject, issuer and validity of each certificate that the peer sent, its own first; at most six."""
    from cryptography import x509

    inner: Any = getattr(told, "_sslobj", None)  # the public way to the chain came with Python 3.13
    sent = inner.get_unverified_chain() if hasattr(inner, "get_unverified_chain") else None
    words = []
    for number, one in enumerate((sent or [])[:6]):
        certificate = x509.load_pem_x509_certificate(one.public_bytes().encode())
        subject, issuer = certificate.subject.rfc4514_string(), certificate.issuer.rfc4514_string()
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        words.append(f"{number}: subject: {subject}; issuer: {issuer}; valid from {start:%Y-%m-%d} to {end:%Y-%m-%d}")
    return words
