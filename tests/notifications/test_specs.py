"""Is a channel that could not work, or should not be allowed, refused when it is written?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from signalbox.db.configured import as_document
from signalbox.notifications import services
from signalbox.notifications.mailserver import MailServer, Starttls
from signalbox.notifications.specs import CHANNELS, masked_document

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD: list[dict[str, Any]] = [
    {"kind": "email", "to": "ops@example.com", "from": "Acme <s@example.com>",
     "smtp_url": "smtp://user:p%40ssw0rd@mail.example.com:587", "rate": "5/10m", "timezone": "Asia/Kolkata"},
    {"kind": "webhook", "url": "https://u:p@hooks.example.com/services/t0k3n?key=s3cret", "secret": WHSEC,
     "headers": {"Authorization": "Bearer s3cret"}},
    {"kind": "apprise", "url": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/#general"},
    {"kind": "apprise", "url": "gotifys://push.example.com/t0k3nt0k3nt0k3n"},
]  # fmt: skip
SECRETS = ("p%40ssw0rd", "p@ssw0rd", "t0k3n", "s3cret", "MfKQ9r8", "TIiajkdnlazk", "A1BRTD4JD", "u:p@")


@pytest.mark.parametrize("written", GOOD, ids=lambda one: str(one["kind"]))
def test_a_channel_is_kept_whole_and_shown_without_its_secrets(written: dict[str, Any]) -> None:
    spec = CHANNELS.validate_python({"id": "ops", **written})
    document = as_document(spec)
    assert CHANNELS.validate_json(json.dumps(document)) == spec
    shown = f"{spec!r} {spec} {spec.masked()} {masked_document(document)}"
    assert not [secret for secret in SECRETS if secret in shown]
    assert spec.name == "ops"


def test_hosts_stay_visible() -> None:
    masked = [CHANNELS.validate_python({"id": "ops", **written}).masked() for written in GOOD]
    assert masked[0]["smtp_url"] == "smtp://***@mail.example.com:587"
    assert masked[1]["url"] == "https://hooks.example.com/***"
    assert masked[1]["headers"] == {"Authorization": "***"}
    assert masked[2]["url"] == "slack://***"
    assert masked[3]["url"] == "gotifys://push.example.com/***"


def test_a_topic_of_ntfys_cloud_is_not_taken_for_a_host() -> None:
    assert services.shown("ntfy://alerts-t0pic") == "ntfy://***"


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ({"kind": "email", "to": []}, "at least 1"),
        ({"kind": "email", "to": "ops"}, "no mail address"),
        ({"kind": "email", "to": "a@example.com\r\nBcc: b@example.com"}, "no mail address"),
        ({"kind": "email", "to": "Ops <a@example.com>"}, "no mail address"),
        ({"kind": "email", "to": "a@b.example", "from": "x\r\nBcc: v@example.com"}, "Name <address>"),
        ({"kind": "email", "to": "a@b.example", "smtp_url": "mail.example.com"}, "smtp://"),
        ({"kind": "email", "to": "a@b.example", "smtp_url": "smtp://m.example", "smtp_url_file": "x"}, "not both"),
        ({"kind": "webhook"}, "write url"),
        ({"kind": "webhook", "url": "file:///etc/passwd"}, "http:// or https://"),
        ({"kind": "webhook", "url": "https://h.example", "secret": "short"}, "whsec_"),
        ({"kind": "webhook", "url": "https://h.example", "headers": {"X": "a\r\nY: b"}}, "line break"),
        ({"kind": "webhook", "url": "https://h.example", "headers": {"webhook-id": "x"}}, "ours to set"),
        ({"kind": "webhook", "url": "https://h.example", "headers": {"Host": "x"}}, "ours to set"),
        ({"kind": "webhook", "url": "https://h.example", "headers": {"Authorization": "***"}}, "not shown"),
        ({"kind": "sms"}, "kind"),
        ({"kind": "email", "to": "a@b.example", "rate": "0/1h"}, "how many"),
        ({"kind": "email", "to": "a@b.example", "rate": "often"}, "how many"),
        ({"kind": "email", "to": "a@b.example", "rate": "5/2d"}, "how many"),
        ({"kind": "email", "to": "a@b.example", "timezone": "Mars/Olympus"}, "time zone"),
        ({"kind": "email", "to": "a@b.example", "id": "../x"}, "pattern"),
    ],
)
def test_what_cannot_work_is_refused_in_words(written: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CHANNELS.validate_python({"id": "ops", **written})
    assert word in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["json://169.254.169.254", "jsons://example.com", "xml://h", "form://h", "mailto://u:p@gmail.com", "dbus://",
     "syslog://", "rsyslog://h", "macosx://", "gnome://", "windows://", "file:///etc/passwd", "exec://id",
     "discord://1/2?template=/etc/passwd", "discord://1/2?TEMPLATE=/x", "slack://a/b/c?attach=/etc/passwd",
     "gotify://h/t?verify=no", "gotify://h/t?redirect=yes", "workflow://h/w/s?template=/etc/passwd",
     "slack://a/b/c?x=file:///etc/passwd", "https://hooks.slack.com/services/a/b/c", "mqtt://h/t", "smpp://h", "",
     "slack", "slack://a/b/c slack://d/e/f", "vapid://x/y?keyfile=/x", "apprise://h/t", "lametric://x@192.168.0.1"],
)  # fmt: skip
def test_apprise_may_not_leave_its_list(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CHANNELS.validate_python({"kind": "apprise", "id": "ops", "url": url})
    assert "/etc/passwd" not in str(caught.value)


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
def test_every_service_on_the_list_is_one_that_apprise_knows() -> None:
    from apprise.plugins import N_MGR

    library: Any = N_MGR
    assert (services.FIXED | services.HOSTED) - set(library.schemas()) == set()


@pytest.mark.parametrize(
    ("url", "port", "tls", "starttls", "user"),
    [("smtp://mail.example.com", 25, False, "offered", ""), ("smtps://mail.example.com", 465, True, "offered", ""),
     ("smtp://a%40b:c@mail.example.com", 587, False, "offered", "a@b"),
     ("smtp://mail.example.com:2525?starttls=required", 2525, False, "required", ""),
     ("smtp://[::1]?starttls=never", 25, False, "never", "")],
)  # fmt: skip
def test_a_mail_servers_url_says_how_to_speak_to_it(url: str, port: int, tls: bool, starttls: str, user: str) -> None:
    server = MailServer.of(url)
    assert (server.port, server.tls, server.starttls, server.user) == (port, tls, Starttls(starttls), user)


@pytest.mark.parametrize(
    "url",
    ["http://mail.example.com", "smtp://", "smtp://mail.example.com/path", "smtp://h:0x", "smtp://h?starttls=maybe",
     "smtp://u:p%0d%0aX@mail.example.com", "smtp://mail.example.com?verify=no", "smtp://u:s3cret#x@h"],
)  # fmt: skip
def test_any_other_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        MailServer.of(url)
    assert "s3cret" not in str(caught.value)
