"""How is something asked over HTTP? libcurl, awaitable from any event loop. See `client.py`."""

from signalbox.checks.curl.client import Curl
from signalbox.checks.curl.errors import Error
from signalbox.checks.curl.exchange import LARGEST_BODY, USER_AGENT, Answer, Extras, Proxy, Request, Version

__all__ = ["LARGEST_BODY", "USER_AGENT", "Answer", "Curl", "Error", "Extras", "Proxy", "Request", "Version"]
