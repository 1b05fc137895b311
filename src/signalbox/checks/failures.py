"""What does a failure mean, and how is it told? The one table from libcurl's and OpenSSL's numbers to reasons.

No message repeats the URL, a header or a server's text, so none can hold a credential.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

from signalbox.checks.base import Outcome
from signalbox.checks.curl import Answer, Error
from signalbox.signals import Reason, Verdict

_log = logging.getLogger(__name__)

_REASONS: dict[int, tuple[Reason, str]] = {
    Error.FORBIDDEN: (Reason.BLOCKED, "not asked: {text}"),
    Error.MISSED: (Reason.MISSED, "not asked in time: too many checks were under way"),
    Error.COULDNT_RESOLVE_HOST: (Reason.DNS, "the name was not found"),
    Error.COULDNT_CONNECT: (Reason.CONNECT, "{connect}"),
    Error.INTERFACE_FAILED: (Reason.CONNECT, "no connection: no way out of this machine"),
    Error.OPERATION_TIMEDOUT: (Reason.TIMEOUT, "{phase}"),
    Error.SSL_CONNECT_ERROR: (Reason.TLS, "the TLS handshake failed{tls}"),
    Error.SSL_CIPHER: (Reason.TLS, "the TLS handshake failed: no cipher in common"),
    Error.SSL_SHUTDOWN_FAILED: (Reason.TLS, "the TLS connection did not end properly"),
    Error.PEER_FAILED_VERIFICATION: (Reason.CERTIFICATE, "{certificate}"),
    Error.SSL_ISSUER_ERROR: (Reason.CERTIFICATE, "the certificate was issued by another authority than asked"),
    Error.SSL_INVALIDCERTSTATUS: (Reason.CERTIFICATE, "the certificate's status (OCSP) is not good"),
    Error.GOT_NOTHING: (Reason.PROTOCOL, "the server closed the connection without an answer"),
    Error.SEND_ERROR: (Reason.CONNECT, "the connection broke while the request was sent"),
    Error.RECV_ERROR: (Reason.CONNECT, "the connection broke while the answer was read"),
    Error.PARTIAL_FILE: (Reason.PROTOCOL, "the answer ended before it was complete"),
    Error.UNSUPPORTED_PROTOCOL: (Reason.PROTOCOL, "the answer is not HTTP/1.1"),
    Error.WEIRD_SERVER_REPLY: (Reason.PROTOCOL, "the answer is not HTTP"),
    Error.TOO_MANY_ROUNDS: (Reason.PROTOCOL, "the server asked for credentials again and again"),
    Error.HTTP2: (Reason.PROTOCOL, "the exchange over HTTP/2 failed"),
    Error.HTTP2_STREAM: (Reason.PROTOCOL, "the exchange over HTTP/2 failed: the stream was closed"),
    Error.HTTP3: (Reason.PROTOCOL, "the exchange over HTTP/3 failed"),
    Error.QUIC_CONNECT_ERROR: (Reason.CONNECT, "no connection over QUIC"),
    Error.SSL_CERTPROBLEM: (
        Reason.TLS,
        "our own certificate cannot be used: its private key does not fit, or is locked",
    ),
    Error.COULDNT_RESOLVE_PROXY: (Reason.DNS, "the proxy's name was not found"),
    Error.PROXY: (Reason.CONNECT, "the proxy does not let us through"),
    Error.BAD_CONTENT_ENCODING: (Reason.PROTOCOL, "the answer's content encoding is broken"),
    Error.TOO_LARGE: (Reason.PROTOCOL, "the answer's headers are too large"),
}
_OTHER = (Reason.PROTOCOL, "the exchange failed (curl {error})")
_UNKNOWN_VERDICT = frozenset({Reason.BLOCKED, Reason.MISSED, Reason.INTERNAL})

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_CERTIFICATES = {
    0: "the certificate is for another host name",
    1: "the certificate is for another host name",  # unspecified: libcurl's own comparison of names
    9: "the certificate is not valid yet",
    10: "the certificate has expired",
    18: "the certificate is self-signed",
    19: "the certificate's chain ends in an authority that is not trusted",
    20: "the certificate's authority is not known",
    21: "the server sends its certificate without the chain to an authority",
    23: "the certificate was revoked",
    26: "the certificate is not meant for a server",
    62: "the certificate is for another host name",
    64: "the certificate is for another address",
    66: "the certificate's key is too weak",
    68: "the certificate is signed with a digest that is too weak",
}


def failure(answer: Answer, timeout: float) -> tuple[Reason, str]:
    """Reason and words for an answer whose `error` is not 0. `timeout`: seconds that the check had."""
    reason, words = _REASONS.get(answer.error, _OTHER)
    if answer.error == Error.RECV_ERROR and not _is_broken_connection(answer.text):
        reason, words = Reason.PROTOCOL, "the answer's {malformed}"
    if answer.error == Error.SEND_ERROR and "SETTINGS" in answer.text:  # nghttp2 read what it cannot before we wrote
        reason, words = Reason.PROTOCOL, "the exchange over HTTP/2 failed: the server does not speak it"
    return reason, words.format(
        text=answer.text,
        error=answer.error,
        connect=_connect(answer.text),
        phase=_phase(answer, timeout),
        tls=_tls(answer.text),
        malformed=_malformed(answer.text),
        certificate=certificate_problem(answer.verify_result),
    )


def certificate_problem(number: int) -> str:
    """What one of OpenSSL's X509_V_ERR_* says about a certificate."""
    return _CERTIFICATES.get(number, f"the certificate is not trusted (X.509 {number})")


def timed_out(timeout: float) -> tuple[Reason, str]:
    """Reason and words when the time was up before there was a connection."""
    return failure(Answer(error=Error.OPERATION_TIMEDOUT), timeout)


def status_words(status: int) -> str:
    """`404 Not Found`; the number alone where nobody gave it a name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def verdict_of(reason: Reason) -> Verdict:
    """What a failure says of the target: nothing when it is we who did not look, else that it is down."""
    return Verdict.UNKNOWN if reason in _UNKNOWN_VERDICT else Verdict.DOWN


def internal(error: Exception) -> Outcome:
    """The outcome when a check raised, which only our own bugs do: unknown, logged with its traceback.

    The message names the error's type only; its text may hold anything.
    """
    _log.error("a check raised %s", type(error).__name__, exc_info=error)
    return Outcome(Verdict.UNKNOWN, Reason.INTERNAL, f"our own fault: {type(error).__name__}")


def _connect(text: str) -> str:
    return "no connection" + (": refused" if "refused" in text.lower() or "Could not connect" in text else "")


def _is_broken_connection(text: str) -> bool:
    """libcurl gives one number to a connection that broke and to an answer that it cannot read."""
    return not text or "Recv failure" in text or "SSL_read" in text or "errno" in text


def _malformed(text: str) -> str:
    lower = text.lower()
    if "header" in lower and "large" in lower:
        return "headers are too large"
    return "chunks are malformed" if "chunk" in lower else "form is not HTTP's"


def _phase(answer: Answer, timeout: float) -> str:
    within = f"within {timeout:g} s"
    if answer.connect is None:
        return f"no connection {within}"
    if answer.secure and answer.tls is None:
        return f"the TLS handshake did not end {within}"
    if answer.ttfb is None:
        return f"no answer {within}"
    return f"the answer was not complete {within}"


def _tls(text: str) -> str:
    """OpenSSL's last words, `error:0A00010B:SSL routines::wrong version number`, without their numbers."""
    words = text.rpartition("::")[2] if "::" in text else ""
    return f": {words.strip()}" if words else ""
