"""Why did a request fail? libcurl's numbers (curl/curl.h, `CURLcode`), and two of our own."""

from __future__ import annotations

from enum import IntEnum


class Error(IntEnum):
    """The errors that are told apart."""

    FORBIDDEN = -1  # the guard refused every address
    MISSED = -2  # nobody had time to ask
    NONE = 0
    UNSUPPORTED_PROTOCOL = 1
    COULDNT_RESOLVE_PROXY = 5
    COULDNT_RESOLVE_HOST = 6
    COULDNT_CONNECT = 7
    WEIRD_SERVER_REPLY = 8
    HTTP2 = 16
    PARTIAL_FILE = 18
    WRITE_ERROR = 23
    OPERATION_TIMEDOUT = 28
    SSL_CONNECT_ERROR = 35
    ABORTED_BY_CALLBACK = 42
    INTERFACE_FAILED = 45
    TOO_MANY_ROUNDS = 47  # of authentication; libcurl follows no redirects here
    GOT_NOTHING = 52
    SEND_ERROR = 55
    RECV_ERROR = 56
    SSL_CERTPROBLEM = 58
    SSL_CIPHER = 59
    PEER_FAILED_VERIFICATION = 60
    BAD_CONTENT_ENCODING = 61
    SSL_SHUTDOWN_FAILED = 80
    SSL_ISSUER_ERROR = 83
    SSL_INVALIDCERTSTATUS = 91
    HTTP2_STREAM = 92
    HTTP3 = 95
    QUIC_CONNECT_ERROR = 96
    PROXY = 97
    TOO_LARGE = 100
