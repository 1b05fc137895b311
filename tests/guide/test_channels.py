"""Does the guide to channels tell what the code does?"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from signalbox import clock
from signalbox.manifest import document
from signalbox.notifications import services, webhook
from signalbox.notifications.messages import word
from signalbox.notifications.notices import Kind
from tests.guide.blocks import blocks
from tests.guide.test_documents import ROOT
from tests.notifications.equipment import letter, notice

GUIDE = ROOT / "docs/guide/channels.md"


def body() -> bytes:
    """What a webhook gets that is told of the guide's trouble."""
    told = replace(notice("Api"), group="Backend", tags=("public",))
    return webhook.payload(letter(told), word(letter(told), ZoneInfo("UTC")))


def test_the_example_can_be_written_into_a_manifest(tmp_path: Path) -> None:
    file = tmp_path / "signalbox.yaml"
    file.write_text("monitors: []\n" + blocks(GUIDE)["yaml: channels"], encoding="utf-8")
    manifest = document.load(
        file, {"PAGER_TOKEN": "x", "CHAT_URL": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"}
    )
    assert [channel.kind for channel in manifest.channels] == ["email", "webhook", "apprise"]


def test_the_body_has_the_shape_that_is_shown() -> None:
    shown, sent = json.loads(blocks(GUIDE)["json: body"]), json.loads(body())
    shown["data"]["notices"][0]["key"] = sent["data"]["notices"][0]["key"]  # whoever tells chooses it
    assert shown == sent


def test_a_receiver_that_does_as_is_shown_can_verify_it() -> None:
    space: dict[str, Any] = {}
    exec(blocks(GUIDE)["python: verify"], space)
    secret = webhook.new_secret()
    headers = dict(line.split(": ", 1) for line in webhook.signed(letter(), body(), secret, clock.now()))
    assert space["receive"](body(), headers, secret)["type"] == "notice.down"


def test_every_kind_and_every_service_is_named() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [kind for kind in Kind if f"`{kind.value}`" not in text] == []
    lists = text.partition("## Services")[2].partition("## Where")[0]
    named = set(re.findall(r"[a-z0-9]+", lists.replace("(s)", "")))
    assert {name for name in services.FIXED if name not in named} == set()
    assert {name for name in services.HOSTED if name.removesuffix("s") not in named and name not in named} == set()
