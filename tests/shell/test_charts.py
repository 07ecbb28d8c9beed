"""Charts are drawn from any figures, escape what they are given and say what they show."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igsite import charts

HOSTILE = "<script>alert(1)</script>\" onload='x'"
amounts = st.lists(st.floats(min_value=0, max_value=1e9, allow_nan=False), max_size=40)


def parsed(svg: str) -> ET.Element:
    """The drawing as XML: fails on anything that is not well-formed."""
    return ET.fromstring(f"<root>{svg}</root>")  # noqa: S314 - our own drawing


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the drawings
@given(amounts)
def test_any_figures_make_well_formed_drawings(values: list[float]) -> None:
    labels = [f"label {i}" for i in range(len(values))]
    parts = list(zip(labels, values, strict=True))
    for drawing in (
        charts.spark(values, area=True),
        charts.linechart(values, "words"),
        charts.columns(values, labels),
        charts.donut(parts),
        charts.radar(labels, [("one", [min(v, 100) for v in values])]),
    ):
        parsed(drawing)
        assert "nan" not in drawing
        assert "style=" not in drawing


@pytest.mark.parametrize(
    "drawing",
    [
        charts.linechart([1, 2], HOSTILE),
        charts.bar(40, HOSTILE),
        charts.columns([1], [HOSTILE]),
        charts.donut([(HOSTILE, 3)]),
        charts.radar([HOSTILE, "b", "c"], [(HOSTILE, [1, 2, 3])]),
    ],
)
def test_hostile_words_stay_words(drawing: str) -> None:
    tree = parsed(drawing)
    assert not tree.findall(".//script")
    assert not [node for node in tree.iter() if "onload" in node.attrib]


def test_a_chart_says_what_it_shows() -> None:
    assert parsed(charts.donut([("Mutuals", 3), ("Fans", 1)]))[0].attrib["aria-label"] == "Mutuals 75.0 %, Fans 25.0 %"


def test_nothing_is_drawn_where_there_is_nothing() -> None:
    assert [charts.spark([1]), charts.linechart([], "x"), charts.donut([("a", 0)]), charts.radar(["a"], [])] == [""] * 4


def test_what_is_counted_has_no_halves_on_its_scale() -> None:
    drawn = charts.linechart([1000, 1010], "Followers")
    assert "1,005" in drawn
    assert "1,002.5" not in drawn


def test_close_ticks_are_written_in_full() -> None:
    words = [node.text for node in parsed(charts.linechart([10_000, 10_124], "x")).iter("text")]
    assert len(words) == len(set(words)) > 1
