"""How is something asked over HTTP? libcurl, awaitable from any event loop. See `client.py`."""

from signalbox.checks.curl.client import Curl
from signalbox.checks.curl.easy import LARGEST_BODY, USER_AGENT, Answer, Request
from signalbox.checks.curl.errors import Error

__all__ = ["LARGEST_BODY", "USER_AGENT", "Answer", "Curl", "Error", "Request"]
