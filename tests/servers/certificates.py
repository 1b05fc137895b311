"""Certificates that are wrong, each in another way, and servers' TLS contexts with them."""

from __future__ import annotations

import datetime
import ssl
import tempfile
import warnings
from ipaddress import ip_address

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = datetime.timedelta(days=1)


def context(pem: bytes) -> ssl.SSLContext:
    """A server's context with that key and chain, as PEM."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(pem)
        file.flush()
        made.load_cert_chain(file.name)
    return made


def issued(authority: trustme.CA | None, usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH) -> bytes:
    """Key and certificate for 127.0.0.1, by that authority or, with none, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    issuer, signer = name, key
    if authority is not None:
        issuer = x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject
        signer = serialization.load_pem_private_key(authority.private_key_pem.bytes(), None)  # type: ignore[assignment]
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - _DAY).not_valid_after(now + 90 * _DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .sign(signer, hashes.SHA256())
    )  # fmt: skip
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def without_chain(authority: trustme.CA) -> ssl.SSLContext:
    """A certificate of an authority in between, which is not sent along."""
    leaf = authority.create_child_ca().issue_cert("127.0.0.1")
    return context(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())


def old(authority: trustme.CA) -> ssl.SSLContext:
    """A server that speaks TLS 1.1 at most."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(made)
    made.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is deprecated is the point
        made.minimum_version = ssl.TLSVersion.TLSv1
        made.maximum_version = ssl.TLSVersion.TLSv1_1
    return made


def anonymous() -> ssl.SSLContext:
    """A server that has only ciphers without a certificate, which nobody else has."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
    return made


def bad(authority: trustme.CA) -> dict[str, ssl.SSLContext]:
    """By what is said of them: certificates that must not be trusted, by an authority that is."""
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    future = datetime.datetime.now(datetime.UTC) + 30 * _DAY
    made = {
        "the certificate has expired": authority.issue_cert("127.0.0.1", not_after=past),
        "the certificate is not valid yet": authority.issue_cert("127.0.0.1", not_before=future),
        "the certificate is for another host name": authority.issue_cert("elsewhere.example"),
        "the certificate's authority is not known": trustme.CA().issue_cert("127.0.0.1"),
    }
    contexts = {}
    for words, leaf in made.items():
        contexts[words] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        leaf.configure_cert(contexts[words])
    return contexts | {
        "the certificate is self-signed": context(issued(None)),
        "the certificate is not meant for a server": context(issued(authority, ExtendedKeyUsageOID.CLIENT_AUTH)),
        "the certificate's authority is not known, as its chain is not sent": without_chain(authority),
    }
