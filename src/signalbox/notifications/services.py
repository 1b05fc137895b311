"""Which of Apprise's services may a channel name? Those that are a plain HTTPS call to the service they are named for.

Apprise also runs commands, reads files, speaks to the desktop and posts to any host: none of that is on these lists.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

FIXED = frozenset({
    "betterstack", "brevo", "dingtalk", "discord", "feishu", "flock", "gchat", "ifttt", "ilert", "incidentio", "join",
    "lark", "line", "mailersend", "mailgun", "msgbird", "nexmo", "notifiarr", "opsgenie", "pagerduty", "pagertree",
    "pbul", "postmark", "pover", "prowl", "psafers", "pushy", "resend", "sendgrid", "ses", "signl4", "simplepush",
    "slack", "sns", "spike", "splunk", "spush", "squadcast", "tgram", "threema", "twilio", "twist", "victorops",
    "vonage", "webex", "wecombot", "wxteams", "zulip",
})  # fmt: skip
"""They know their service's address themselves."""

HOSTED = frozenset({
    "bark", "barks", "goalert", "goalerts", "gotify", "gotifys", "matrix", "matrixs", "mmost", "mmosts", "nctalk",
    "nctalks", "ntfy", "ntfys", "rocket", "rockets", "signal", "signals", "synology", "synologys", "workflow",
    "workflows",
})  # fmt: skip
"""They go to a host that the URL names, so each address is judged by the guard when it is connected to."""

_OWN = {
    "mailto": "email", "mailtos": "email", "smtp": "email", "json": "webhook", "jsons": "webhook", "form": "webhook",
    "forms": "webhook", "xml": "webhook", "xmls": "webhook", "http": "webhook", "https": "webhook",
}  # fmt: skip
# What would read files of this machine, weaken TLS or lead elsewhere.
_FORBIDDEN = frozenset({"template", "attach", "file", "path", "keyfile", "config", "plugin", "redirect", "store"})
_OFF = frozenset({"no", "false", "0", "off", "n", "f", "never", "disable", "disabled", "deny", "-"})
_LONGEST = 2048


def refusal(url: str) -> str | None:
    """Why a channel may not have that Apprise URL, without repeating it; None when it may."""
    if len(url) > _LONGEST or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in url):
        return f"an Apprise URL is one address of at most {_LONGEST} characters, without spaces"
    scheme, slashes, _ = url.partition("://")
    scheme = scheme.lower()
    if not slashes or not scheme.isalnum():
        return "write an Apprise URL such as slack://TOKEN_A/TOKEN_B/TOKEN_C or ntfys://ntfy.example.com/alerts"
    if scheme in _OWN:
        return f"{scheme}:// is not sent through Apprise: use a channel with  kind: {_OWN[scheme]}"
    if scheme not in FIXED | HOSTED:
        return f"{scheme}:// is not among the services that a channel may use; docs/guide/channels.md lists them"
    return _refused_option(url)


def _refused_option(url: str) -> str | None:
    for name, value in parse_qsl(url.partition("?")[2], keep_blank_values=True):
        bare = name.lower().lstrip("+-:")
        if bare in _FORBIDDEN or value.lower().strip().startswith("file:"):
            return f"the option {bare} of an Apprise URL is not allowed here"
        if bare == "verify" and value.lower() in _OFF:
            return "verify=no would send to anybody: have the certificate's authority in SIGNALBOX_CA_FILE instead"
    return None


def shown(url: str) -> str:
    """The URL as people may see it: the service, and the host where the URL names one."""
    scheme = url.partition("://")[0].lower()
    host = urlsplit(unquote(url)).netloc.rpartition("@")[2] if scheme in HOSTED else ""
    # ntfy://topic names no host, and the topic is all that keeps others from reading along
    return f"{scheme}://{host}/***" if "." in host or ":" in host or host == "localhost" else f"{scheme}://***"
