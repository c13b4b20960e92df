"""The field for expressions: what it says of a text, what it offers, and when the layer changes."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.read import read_panel
from masklab.data.samples import SAMPLES
from masklab.data.series import Panel
from masklab.masks.language import evaluate, misfits, parse
from masklab.masks.language.examples import examples
from masklab.masks.layers import Layer
from masklab.masks.rule import Scene
from masklab.masks.rules.around_events import AroundEvents
from masklab.masks.rules.expression import ExpressionRule
from masklab.ui.expression_field.look import offered, verdict
from tests.ui_mask.panel import number, only, opened, sound, texts

HOURLY = Panel(
    ("one",),
    np.array([0, 100]),
    np.datetime64("2024-01-01", "us") + np.arange(100) * np.timedelta64(1, "h"),
    np.stack([np.arange(100.0), np.arange(100.0)], axis=1),
    ("temp", "wind speed"),
    units={"temp": "°C"},
)
_numbers = itertools.count(1)


def field(at: AppTest) -> dict:
    """Return what the field was last given to draw."""
    (found,) = [
        one.proto
        for one in at.get("bidi_component")
        if one.proto.component_name == "masklab_expression"
    ]
    return json.loads(found.json)


def key(at: AppTest, name: str = "expression") -> str:
    return f"masklab.layers.{number(at)}.rule.{name}"


def enter(at: AppTest, text: str, name: str = "expression") -> AppTest:
    """Do what typing a text and Enter do."""
    of = field(at)["text"]
    at.session_state[key(at, name)] = {
        "draft": {"text": text, "of": of},
        "text": {"text": text, "number": next(_numbers)},
    }
    return sound(at.run())


def test_a_verdict_counts_rows_or_cells_with_their_denominator():
    assert verdict(HOURLY, "temp >= 90")["told"] == "Holds in 10 of 100 rows, 10.0 %, whole rows."
    assert verdict(HOURLY, "value >= 90")["told"] == (
        "Holds in 20 of 200 cells, 10.0 % of the data."
    )
    assert not verdict(HOURLY, "temp >= 90")["problem"]


def test_a_verdict_says_what_is_wrong_and_where():
    wrong = verdict(HOURLY, "temp = 3")
    assert wrong["problem"]
    assert "write ==" in wrong["told"]
    assert (wrong["start"], wrong["end"]) == (5, 6)
    assert "write `wind speed`" in verdict(HOURLY, "wind_speed > 3")["told"]


def test_what_is_offered_can_be_written():
    words = offered(HOURLY)["words"]
    assert words[0] == {"kind": "channel", "show": "temp", "write": "temp", "means": "°C"}
    assert words[1]["write"] == "`wind speed`"
    steps = Panel(
        HOURLY.names, HOURLY.offsets, HOURLY.clock, HOURLY.values, HOURLY.channels,
        clock_kind="step",
    )  # fmt: skip
    assert "hour" in {one["show"] for one in words}
    assert "hour" not in {one["show"] for one in offered(steps)["words"]}
    assert not any("hour" in one.text for one in examples(steps))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_worked_examples_go_with_every_sample(sample):
    panel = read_panel(sample.path, **sample.reading.model_dump())
    scene = Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool))
    found = examples(panel)
    assert len(found) >= 6
    for example in found:
        expression = parse(example.text)
        assert misfits(expression, panel) == ()
        evaluate(expression, scene)


def test_an_expression_is_entered_and_the_layer_changes():
    at = opened(Layer(rule=ExpressionRule(expression="temp > 50")))
    assert field(at)["text"] == "temp > 50"
    assert field(at)["told"] == "Holds in 49 of 100 rows, 49.0 %, whole rows."
    enter(at, "temp >= 90 and `wind*` > 3")
    assert only(at).rule == ExpressionRule(expression="temp >= 90 and `wind*` > 3")
    assert "Hides 20 of 200 cells" in texts(at)
    assert field(at)["text"] == "temp >= 90 and `wind*` > 3"


@pytest.mark.parametrize("text", ["temp = 3", "tmep > 3", "", "temp.tofile(3)", "temp > 3 " * 500])
def test_what_is_no_expression_leaves_the_layer_as_it_was(text):
    at = opened(Layer(rule=ExpressionRule(expression="temp > 50")))
    enter(at, text)
    assert only(at).rule == ExpressionRule(expression="temp > 50")
    assert field(at)["problem"]
    assert field(at)["text"] == "temp > 50"
    enter(at, "temp > 60")
    assert only(at).rule == ExpressionRule(expression="temp > 60")
    assert not field(at)["problem"]


def test_a_draft_is_looked_at_only():
    at = opened(Layer(rule=ExpressionRule(expression="temp > 50")))
    at.session_state[key(at)] = {"draft": {"text": "temp > 98", "of": "temp > 50"}}
    sound(at.run())
    assert field(at)["told"].startswith("Holds in 1 of 100 rows")
    assert only(at).rule == ExpressionRule(expression="temp > 50")


@pytest.mark.parametrize("sent", ["text", 3, {"text": 3, "number": 1}, {"text": None}, []])
def test_what_no_field_sends_does_nothing(sent):
    at = opened(Layer(rule=ExpressionRule(expression="temp > 50")))
    at.session_state[key(at)] = {"text": sent, "draft": sent}
    sound(at.run())
    assert only(at).rule == ExpressionRule(expression="temp > 50")


def test_a_locked_layer_keeps_its_expression():
    at = opened(Layer(rule=ExpressionRule(expression="temp > 50"), locked=True))
    assert field(at)["disabled"]
    enter(at, "temp > 60")
    assert only(at).rule == ExpressionRule(expression="temp > 50")


def test_events_are_written_in_the_same_field():
    at = opened(Layer(rule=AroundEvents(condition="temp == 50")))
    enter(at, "temp == 60", name="condition")
    assert only(at).rule == AroundEvents(condition="temp == 60")
    assert "Hides 8 of 200 cells" in texts(at)
