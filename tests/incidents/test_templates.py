"""Kept words are filled in once, with data."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from signalbox.incidents.specs import IncidentTemplateSpec
from signalbox.incidents.templates import PLACEHOLDERS, fill
from signalbox.incidents.wording import Facts, filled
from tests.incidents.hostile import HOSTILE


def test_every_placeholder_has_a_value_to_be_filled_with() -> None:
    assert set(Facts._fields) == set(PLACEHOLDERS)


def test_placeholders_are_filled_and_doubled_braces_are_braces() -> None:
    assert fill("{{{monitor}}} since {since}{duration}", {"monitor": "Api", "since": "now"}) == "{Api} since now"


@pytest.mark.parametrize("text", ["{target}", "{monitor.key}", "{0}", "{}", "{monitor!r}", "{ monitor }"])
def test_an_unknown_placeholder_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        IncidentTemplateSpec(id="x", title="Down", body=f"It is {text}")
    for name in PLACEHOLDERS:
        assert f"{{{name}}}" in str(caught.value)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_value_is_data_it_is_not_filled_in_itself(name: str) -> None:
    value = HOSTILE[name]
    assert (
        fill("{monitor}|{group}", {"monitor": value, "group": "{monitor}"}, as_markdown=False) == f"{value}|{{monitor}}"
    )


def test_a_title_is_one_line_of_bounded_length_whatever_the_name() -> None:
    spec = IncidentTemplateSpec(id="x", title="{monitor} is down")
    assert filled(spec, Facts(monitor="a\nb" + "c" * 500)).title == "a b" + "c" * 197
    assert filled(IncidentTemplateSpec(id="x", title="{reason}"), Facts(monitor="Api")).title == "Api is down"
