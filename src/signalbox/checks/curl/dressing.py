"""How is what few requests need told to libcurl? Authentication, trust, version, proxy, cookies."""

from __future__ import annotations

import pycurl

from signalbox.checks.curl.exchange import Extras, Proxy, Request

_VERSIONS = {
    "1.1": pycurl.CURL_HTTP_VERSION_1_1,
    "2": pycurl.CURL_HTTP_VERSION_2TLS,
    "3": pycurl.CURL_HTTP_VERSION_3ONLY,
}


def dress(curl: pycurl.Curl, request: Request, extras: Extras) -> None:
    """Set all of it on a handle, which is not to be used again after the request."""
    if extras.digest is not None:
        user, password = extras.digest
        curl.setopt(pycurl.HTTPAUTH, pycurl.HTTPAUTH_DIGEST)
        curl.setopt(pycurl.USERNAME, user.encode())
        curl.setopt(pycurl.PASSWORD, password.encode())
    _trust(curl, extras)
    if extras.version != "1.1":
        plain_two = extras.version == "2" and not request.url.startswith("https:")
        version = pycurl.CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE if plain_two else _VERSIONS[extras.version]
        curl.setopt(pycurl.HTTP_VERSION, version)
    if extras.proxy is not None:
        _pass_on(curl, request, extras.proxy)
    if extras.cookies is not None:
        curl.setopt(pycurl.COOKIEFILE, "")
        for line in extras.cookies:
            curl.setopt(pycurl.COOKIELIST, line)


def _trust(curl: pycurl.Curl, extras: Extras) -> None:
    if extras.insecure:
        curl.setopt(pycurl.SSL_VERIFYPEER, 0)
        curl.setopt(pycurl.SSL_VERIFYHOST, 0)
    if extras.ca is not None:
        curl.setopt(pycurl.CAINFO_BLOB, extras.ca.encode())
    if extras.certificate is not None:
        curl.setopt(pycurl.SSLCERT_BLOB, extras.certificate.encode())
        curl.setopt(pycurl.SSLKEY_BLOB, (extras.private_key or extras.certificate).encode())
    if extras.minimum == "1.3":
        curl.setopt(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_3)


def _pass_on(curl: pycurl.Curl, request: Request, proxy: Proxy) -> None:
    """Through the proxy, to an address: it is told no name, so it cannot look one up behind the guard's back."""
    host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
    target = f"[{proxy.target}]" if ":" in proxy.target else proxy.target
    asked = f"[{request.host}]" if ":" in request.host else request.host
    curl.setopt(pycurl.PROXY, f"{'socks5h' if proxy.scheme == 'socks5' else 'http'}://{host}:{proxy.port}")
    curl.setopt(pycurl.NOPROXY, "")  # else the environment's list says for whom it does not count
    curl.setopt(pycurl.CONNECT_TO, [f"{asked}:{request.port}:{target}:{request.port}"])
    if proxy.scheme == "http":
        curl.setopt(pycurl.HTTPPROXYTUNNEL, 1)
    curl.setopt(pycurl.HEADEROPT, pycurl.HEADER_SEPARATE)  # our headers are for the target alone
    if proxy.user:
        curl.setopt(pycurl.PROXYUSERNAME, proxy.user.encode())
        curl.setopt(pycurl.PROXYPASSWORD, proxy.password.encode())
