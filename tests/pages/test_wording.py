from __future__ import annotations

import pytest
from markupsafe import Markup
from pydantic import ValidationError

from signalbox.pages.document import Zoom
from signalbox.pages.language import language
from signalbox.pages.rendering import tell
from signalbox.pages.specs import PageSpec


def spec(**settings: object) -> PageSpec:
    return PageSpec.model_validate({"slug": "main", "title": "Acme", **settings})


def test_a_page_is_read_in_the_language_that_its_owner_names() -> None:
    assert spec(language="de-AT").language == "de"
    assert spec(language="pt").language == "pt-BR"
    assert spec().language is None
    with pytest.raises(ValidationError, match='there is no language "klingon"; there are en, de, fr'):
        spec(language="klingon")


def test_an_owner_may_say_a_text_otherwise() -> None:
    own = {"de-DE": {"banner.operational": "Alles gut", "banner.major": "{n} von {total} kaputt"}}
    assert spec(words=own).words == {"de": own["de-DE"]}


def test_a_text_for_every_number_stands_for_its_plural_forms() -> None:
    assert spec(words={"en": {"bar.days": "down on {n} d"}}).words["en"]["bar.days"] == "down on {n} d"


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"en": {"banner.operationl": "x"}}, 'no text "banner.operationl"; did you mean banner.operational'),
        ({"en": {"measure.lead": "x"}}, 'no text "measure.lead"'),
        ({"en": {"banner.major": "{n} down"}}, r'"banner.major" must hold \{n\} and \{total\}'),
        ({"en": {"banner.calm": "{name} is calm"}}, 'must hold no names in braces'),
        ({"en": {"banner.calm": ""}}, "1 to 300 characters"),
        ({"tlh": {"banner.calm": "x"}}, 'no language "tlh"'),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused_with_what_can(own: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(words=own)


def test_a_brace_that_is_no_name_is_told_as_it_stands() -> None:
    own = spec(words={"en": {"age.from": "{time} {<b> {time.__class__}"}}).words["en"]
    spoken = language("en").with_words(own)
    told = tell(spoken, "age.from", time=Markup("<time>now</time>"))
    assert told == "<time>now</time> {&lt;b&gt; {time.__class__}"


def test_what_the_bars_show_at_first_is_set_by_the_owner() -> None:
    assert spec(zoom="90d").zoom is Zoom.DAYS
