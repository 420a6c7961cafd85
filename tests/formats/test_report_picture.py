"""The picture of a report: the first figures that are known of its variants, as bars."""

from dataclasses import replace
from xml.etree import ElementTree

from costlens.formats.pages import report as page
from costlens.formats.pictures import report as picture
from tests.cases.results import a_report

NAMES = {"MACs", "median time", "params", "weights", "peak activations"}


def words(drawn: str) -> list[str]:
    return [text for element in ElementTree.fromstring(drawn).iter() if (text := (element.text or "").strip())]


def test_it_shows_macs_time_and_parameters() -> None:
    found = a_report()
    assert found.latency
    said = words(picture.svg(found))
    assert [word for word in said if word in NAMES] == ["MACs", "median time", "params"]
    for model in found.counts:
        assert f"{model.totals.macs:,}" in said
    assert said[:2] == [found.title, page.answer(found)]
    assert picture.svg(found) == picture.svg(found)


def test_without_times_it_shows_peak_activations() -> None:
    said = words(picture.svg(replace(a_report(), latency=None)))
    assert [word for word in said if word in NAMES] == ["MACs", "params", "peak activations"]


def test_one_variant_has_nothing_beside_it() -> None:
    found = a_report()
    assert picture.svg(replace(found, counts=found.counts[:1], latency=None)) == ""
