"""The list of layers: each control changes the recipe, and the recipe decides what controls show."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from masklab.masks.coverage import LayerCount
from masklab.masks.generators.blocks import Blocks
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.channel_condition import ChannelCondition
from masklab.masks.rules.clipping import Clipping
from masklab.masks.rules.disagreement import Disagreement
from masklab.masks.rules.first_last import FirstLast
from masklab.masks.rules.flat_line import FlatLine
from masklab.masks.rules.gap_neighbours import GapNeighbours
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.outlier import Outlier
from masklab.masks.rules.periodic import Periodic
from masklab.masks.rules.rate_of_change import RateOfChange
from masklab.masks.rules.rolling_variance import RollingVariance
from masklab.masks.rules.spike import Spike
from masklab.masks.rules.value_range import ValueRange
from masklab.ui import state
from masklab.ui.forms import counts
from masklab.ui.layer_effects import count_words
from masklab.ui.layer_list.wishes import GONE
from tests.ui_mask.panel import (
    WORK,
    ask,
    components,
    drag,
    drawn,
    let_go,
    menu,
    names,
    number,
    only,
    open_page,
    opened,
    project,
    recipe_of,
    rows,
    slider,
    sound,
    texts,
    told,
    widget,
)  # fmt: skip


def waiting(at: AppTest) -> list[str]:
    return [one.value for one in at.warning if "Until then" in one.value]


def test_without_layers_the_panel_says_how_to_begin():
    at = open_page()
    assert "No layers yet" in texts(at)


@pytest.mark.parametrize("kind", [kind for kind in RULES if RULES[kind].in_menu])
def test_every_rule_of_the_menu_can_be_added_and_opens_its_form(kind):
    at = open_page()
    sound(menu(at, "masklab.layers.add").click(kind).run())
    layer = only(at)
    assert layer.rule.kind == kind
    assert layer.rule.explanation in texts(at)
    assert "cells" in texts(at) or "Left out" in told(at)[0]  # where the data has no gap, say
    for name, field in RULES[kind].model_fields.items():
        if name != "kind" and counts(field, dict(layer.rule)):
            assert f"masklab.layers.1.rule.{name}" in at.session_state


def test_a_channel_is_chosen_and_fields_that_do_not_count_are_left_out():
    at = opened(Layer(rule=ChannelCondition(channel="wind*", value=50)))
    assert widget(at, "selectbox", "rule.channel").options == ["temp", "wind*"]
    sound(widget(at, "selectbox", "rule.channel").set_value("temp").run())
    assert only(at).rule == ChannelCondition(channel="temp", value=50)
    sound(widget(at, "selectbox", "rule.comparison").set_value("missing").run())
    assert only(at).rule.comparison == "missing"
    assert "rule.value" not in " ".join(one.key for one in at.number_input)
    sound(widget(at, "selectbox", "rule.comparison").set_value("between").run())
    assert "needs an upper end too" in waiting(at)[0]
    sound(widget(at, "number_input", "rule.upper").set_value(60.0).run())
    assert only(at).rule == ChannelCondition(
        channel="temp", comparison="between", value=50, upper=60
    )
    assert "Hides 22 of 200 cells" in texts(at)


def test_a_channel_that_the_data_lacks_stays_on_the_list():
    at = opened(Layer(rule=ChannelCondition(channel="gust", value=50)))
    assert widget(at, "selectbox", "rule.channel").options[-1] == "gust (not in this data)"


def test_painted_layers_are_not_in_the_menu():
    assert "Painted by hand" not in menu(open_page(), "masklab.layers.add").options


def test_a_row_tells_its_count_with_denominator_channels_and_scope():
    layer = Layer(rule=ValueRange(high=49, side="inside"), channels=("temp",), scope="training")
    assert "Hides 50 of 70 cells, 71.4 % · temp · training only" in texts(open_page(layer))


def test_switching_off_keeps_the_layer_and_says_so():
    at = open_page(Layer(rule=Mcar()))
    ask(at, "set", field="enabled", value=False)
    assert not only(at).enabled
    assert "Off" in told(at)
    ask(at, "set", field="enabled", value=True)
    assert only(at).enabled


def test_layers_move_copy_and_go_and_the_open_one_stays_open():
    at = opened(Layer(rule=Mcar(), name="first"), Layer(rule=Mcar(seed=1), name="second"), place=1)
    second = number(at, 1)
    ask(at, "move", 1, to=0)
    assert names(at) == ["second", "first"]
    assert number(at, 0) == second == drawn(at)["chosen"]
    assert widget(at, "number_input", "rule.seed", 0).value == 1
    ask(at, "duplicate", 0)
    assert names(at) == ["second", "second, copy", "first"]
    assert number(at, 0) == second
    ask(at, "remove", 1)
    assert names(at) == ["second", "first"]
    ask(at, "move", 0, to=1)
    assert names(at) == ["first", "second"]
    assert drawn(at)["chosen"] == second == number(at, 1)


def test_undo_and_redo_bring_layers_back_with_their_settings_open():
    at = opened(Layer(rule=Mcar(), name="first"), Layer(rule=Mcar(seed=1), name="second"), place=1)
    second = number(at, 1)
    ask(at, "remove", 0)
    ask(at, "undo")
    assert names(at) == ["first", "second"]
    assert number(at, 1) == second
    ask(at, "redo")
    assert names(at) == ["second"]


def test_a_row_is_renamed_in_place_and_an_emptied_name_is_the_rules_again():
    at = open_page(Layer(rule=Mcar()))
    ask(at, "set", field="name", value="  noise ")
    assert names(at) == ["noise"]
    ask(at, "set", field="name", value="")
    assert names(at) == [""]
    assert rows(at)[0]["label"] == "10 % of cells at random"


def test_typing_what_the_rule_says_anyway_gives_no_name():
    at = open_page(Layer(rule=Mcar()))
    ask(at, "set", field="name", value="10 % of cells at random")
    assert names(at) == [""]
    assert not project().can_undo


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("remove", {}),
        ("move", {"to": 1}),
        ("set", {"field": "name", "value": "x"}),
        ("set", {"field": "enabled", "value": False}),
        ("set", {"field": "colour", "value": "green"}),
    ],
)
def test_a_locked_layer_stays_as_it_is_until_it_is_unlocked(action, more):
    at = open_page(Layer(rule=Mcar(), name="held", locked=True), Layer(rule=Mcar(seed=1)))
    before = recipe_of(at)
    ask(at, action, **more)
    assert recipe_of(at) == before
    assert "'held' is locked" in drawn(at)["notice"]
    assert "Unlock it first" in drawn(at)["notice"]
    ask(at, "set", field="locked", value=False)
    assert drawn(at)["notice"] == ""
    ask(at, action, **more)
    assert recipe_of(at) != before


def test_the_settings_of_a_locked_layer_can_only_be_looked_at():
    at = opened(Layer(rule=Mcar(), locked=True))
    assert widget(at, "number_input", "rule.seed").disabled
    assert widget(at, "selectbox", "combine").disabled
    assert at.info[0].value.startswith("Locked.")


def test_a_copy_of_a_locked_layer_is_free():
    at = open_page(Layer(rule=Mcar(), name="held", locked=True))
    ask(at, "duplicate")
    assert [layer.locked for layer in recipe_of(at).layers] == [True, False]


def test_the_colour_is_the_chosen_one_or_that_of_the_place():
    at = open_page(Layer(rule=Mcar()), Layer(rule=Mcar(seed=1)))
    by_place = [row["swatch"] for row in rows(at)]
    assert by_place[0] != by_place[1]
    ask(at, "set", 1, field="colour", value="sky")
    assert recipe_of(at).layers[1].colour == "sky"
    assert rows(at)[1]["swatch"] == drawn(at)["palette"]["sky"]
    ask(at, "set", 1, field="colour", value=None)
    assert [row["swatch"] for row in rows(at)] == by_place


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "set", "field": "rule", "value": {}},
        {"action": "set", "field": "colour", "value": "pink"},
        {"action": "set", "field": "enabled", "value": [1]},
        {"action": "set", "field": "name", "value": "x" * 300},
        {"action": "move", "to": "up"},
        {"action": "explode"},
        {"action": None},
    ],
)
def test_what_no_row_would_ask_changes_nothing_and_is_answered(wish):
    at = open_page(Layer(rule=Mcar()))
    before = recipe_of(at)
    ask(at, **wish)
    assert recipe_of(at) == before
    assert drawn(at)["notice"]
    assert drawn(at)["acknowledged"]


def test_each_wish_is_carried_out_once_however_often_it_comes():
    at = open_page(Layer(rule=Mcar(), name="a"))
    ask(at, "duplicate")
    sound(at.run())
    sound(at.run())
    assert names(at) == ["a", "a, copy"]


def test_what_another_tab_did_meanwhile_stays():
    at = open_page(Layer(rule=Mcar(), name="a"), Layer(rule=Mcar(seed=1), name="b"))
    sound(at.run())
    swapped = MaskRecipe(layers=tuple(reversed(recipe_of(at).layers)))
    state.store().save_project(WORK, project().with_recipe(swapped).model_dump_json())
    ask(at, "set", 0, field="name", value="new")  # the row that was drawn first: a
    assert names(at) == ["b", "new"]


def test_a_setting_changed_here_leaves_those_that_another_tab_changed():
    at = opened(Layer(rule=Mcar(rate=0.1, seed=3)))
    scope = widget(at, "button_group", "scope").set_value("training")
    other = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.4, seed=3)),))
    state.store().save_project(WORK, project().with_recipe(other).model_dump_json())
    sound(scope.run())
    assert only(at).rule == Mcar(rate=0.4, seed=3)
    assert only(at).scope == "training"


def test_channels_series_scope_and_combine_are_set():
    at = opened(Layer(rule=Mcar()))
    sound(widget(at, "multiselect", "channels").set_value(["wind*"]).run())
    sound(widget(at, "button_group", "scope").set_value("validation").run())
    sound(widget(at, "selectbox", "combine").set_value("xor").run())
    sound(widget(at, "multiselect", "series").set_value(["two"]).run())
    assert only(at) == Layer(
        rule=Mcar(), channels=("wind*",), series=("two",), scope="validation", combine="xor"
    )
    assert told(at) == ["Hides 2 of 20 cells, 10.0 % · wind* · two · validation only"]
    sound(widget(at, "multiselect", "series").set_value([]).run())
    assert only(at).series is None
    sound(widget(at, "multiselect", "channels").set_value([]).run())
    assert only(at).channels is None


def test_a_layer_is_aimed_at_the_series_on_screen_or_at_all():
    at = opened(Layer(rule=Mcar()))
    at.session_state[f"masklab.painter.{WORK}"] = {"view": {"series": 1}}
    sound(widget(at, "button", "this_series").click().run())
    assert only(at).series == ("two",)
    assert told(at)[0].endswith("· two")
    sound(widget(at, "button", "all_series").click().run())
    assert only(at).series is None


def test_a_rate_is_shown_in_percent_and_its_realised_share_beside_it():
    at = opened(Layer(rule=Mcar(rate=0.1)))
    assert slider(at, "Rate (%)")["value"] == 10
    let_go(at, "rule.rate", 12.5)
    assert only(at).rule == Mcar(rate=0.125)
    assert "Asked: 12.5 %. Drawn: 25 of 200 cells that it can change, 12.5 %." in texts(at)


def test_whole_numbers_and_switches_are_set():
    at = opened(Layer(rule=Blocks()))
    sound(widget(at, "number_input", "rule.length").set_value(5).run())
    sound(widget(at, "toggle", "rule.together").set_value(True).run())
    sound(widget(at, "number_input", "rule.seed").set_value(7).run())
    assert only(at).rule == Blocks(length=5, together=True, seed=7)


def test_a_calendar_is_set_field_by_field():
    at = opened(Layer(rule=Calendar(hour_from=22, hour_to=6)))
    sound(widget(at, "multiselect", "rule.weekdays").set_value(["Sunday"]).run())
    sound(widget(at, "number_input", "rule.hour_to").set_value(6.5).run())
    assert only(at).rule == Calendar(hour_from=22, hour_to=6.5, weekdays=("Sunday",))


def test_fields_that_contradict_each_other_wait_until_they_agree():
    at = opened(Layer(rule=ValueRange(low=0, high=10)))
    sound(widget(at, "number_input", "rule.low").set_value(20.0).run())
    assert only(at).rule == ValueRange(low=0, high=10)
    assert waiting(at)[0].startswith("The lower bound 20 lies above the upper bound 10")
    assert widget(at, "number_input", "rule.low").value == 20
    sound(widget(at, "number_input", "rule.high").set_value(30.0).run())
    assert only(at).rule == ValueRange(low=20, high=30)
    assert waiting(at) == []


def test_a_bound_can_be_emptied_but_not_both():
    at = opened(Layer(rule=ValueRange(low=0, high=10)))
    sound(widget(at, "number_input", "rule.high").set_value(None).run())
    assert only(at).rule == ValueRange(low=0)
    sound(widget(at, "number_input", "rule.low").set_value(None).run())
    assert only(at).rule == ValueRange(low=0)
    assert "needs a lower or an upper bound" in waiting(at)[0]


def test_undo_shows_in_the_widgets_at_once():
    at = opened(Layer(rule=Mcar(rate=0.1)))
    let_go(at, "rule.rate", 50.0)
    assert only(at).rule == Mcar(rate=0.5)
    ask(at, "undo")
    assert slider(at, "Rate (%)")["value"] == 10


def test_a_drag_tells_the_count_and_saves_nothing():
    at = opened(Layer(rule=Mcar(rate=0.1), scope="training"))
    for rate, hidden in ((20.0, 28), (50.0, 70), (0.0, 0)):
        drag(at, "rule.rate", rate)
        said = f"Hides {hidden} of 140 cells" if hidden else "Changes none of 140 cells"
        assert slider(at, "Rate (%)")["preview"]["told"].startswith(said)
    assert not project().can_undo
    let_go(at, "rule.rate", 50.0)
    assert only(at).rule == Mcar(rate=0.5)
    assert len(project().history) == 2
    assert slider(at, "Rate (%)")["preview"] is None
    assert told(at) == ["Hides 70 of 140 cells, 50.0 % · training only"]


def test_a_drag_tells_what_the_layer_does_after_those_before_it():
    every = Layer(rule=ValueRange(low=50, side="inside"))
    at = opened(every, Layer(rule=ValueRange(low=0, high=10, side="inside")), place=1)
    drag(at, "rule.high.drag", 79.0, 1)
    assert slider(at, "High")["preview"]["told"] == "Hides 100 of 200 cells, 50.0 %"


def test_a_drag_of_a_layer_that_is_off_tells_what_it_would_do():
    at = opened(Layer(rule=Mcar(), enabled=False))
    drag(at, "rule.rate", 50.0)
    assert slider(at, "Rate (%)")["preview"]["told"].startswith("Switched on, it hides 100 of 200")


def test_a_bound_is_dragged_over_the_values_of_its_channels_and_says_when_it_makes_no_range():
    at = opened(Layer(rule=ValueRange(low=20, high=60), channels=("temp",)))
    low = slider(at, "Low")
    assert (low["low"], low["high"], low["value"]) == (0, 99, 20)
    drag(at, "rule.low.drag", 70.0)
    assert "lies above the upper bound 60" in slider(at, "Low")["preview"]["told"]
    let_go(at, "rule.low.drag", 40.0)
    assert only(at).rule == ValueRange(low=40, high=60)
    assert widget(at, "number_input", "rule.low").value == 40


def test_a_number_of_steps_is_dragged_up_to_half_of_the_longest_series():
    at = opened(Layer(rule=Blocks(length=5)))
    assert (slider(at, "Length (steps)")["low"], slider(at, "Length (steps)")["high"]) == (1, 40)
    let_go(at, "rule.length.drag", 7)
    assert only(at).rule == Blocks(length=7)


def test_a_pasted_list_of_holidays_is_taken_apart_and_a_day_that_is_none_is_said():
    at = opened(Layer(rule=Calendar(days=("12-25",))))
    days = widget(at, "multiselect", "rule.days")
    sound(days.set_value(["12-25", "01-01; 2024-01-03, 2024-01-04 01-01"]).run())
    assert only(at).rule == Calendar(days=("12-25", "01-01", "2024-01-03", "2024-01-04"))
    assert "Hides 144 of 200 cells" in " ".join(told(at))
    sound(widget(at, "multiselect", "rule.days").set_value(["12-25", "2. Jan"]).run())
    assert "is no day; write it like 2024-12-25" in waiting(at)[0]
    assert only(at).rule.days == ("12-25", "01-01", "2024-01-03", "2024-01-04")


def test_one_channel_to_compare_with_is_asked_for_and_chosen():
    at = opened(Layer(rule=Disagreement()))
    sound(widget(at, "button_group", "rule.against").set_value("channel").run())
    assert "needs its name; choose one" in waiting(at)[0]
    sound(widget(at, "selectbox", "rule.channel").set_value("wind*").run())
    assert only(at).rule == Disagreement(against="channel", channel="wind*")


@pytest.mark.parametrize(
    ("rule", "reaches"),
    [
        (Spike(height=5), {"Height": (0.099, 99), "Width (samples)": (1, 100)}),
        (FlatLine(), {"Length (samples)": (2, 40), "Tolerance": (0, 99)}),
        (RateOfChange(limit=2, per="day"), {"Limit": (0, 99 * 24)}),
        (RateOfChange(limit=2), {"Limit": (0, 99)}),
        (RollingVariance(high=2), {"On each side (steps)": (1, 40), "Below": (0, 99)}),
        (Outlier(), {"Threshold": (0.5, 50), "At least": (0, 99)}),
        (Periodic(every=24, width=6, unit="hours"), {"Every": (6, 168), "Phase": (0, 24)}),
        (Periodic(every=24, width=6), {"Every": (6, 40), "Width": (1, 24)}),
        (GapNeighbours(), {"Before (steps)": (0, 40), "Gaps of at least (steps)": (1, 40)}),
        (FirstLast(), {"First (steps)": (0, 40)}),
        (Clipping(), {"At least (cells)": (2, 40), "Tolerance (%)": (0, 100)}),
        (Disagreement(), {"Threshold": (0.5, 50)}),
    ],
)
def test_numbers_of_rules_are_dragged_over_what_the_data_holds(rule, reaches):
    at = opened(Layer(rule=rule))
    for label, (low, high) in reaches.items():
        assert (slider(at, label)["low"], slider(at, label)["high"]) == pytest.approx((low, high))


def test_a_seed_is_typed_not_dragged():
    at = opened(Layer(rule=Mcar()))
    assert set(components(at, "masklab_slider")) == {"Rate (%)", "Opacity (%)"}


@pytest.mark.parametrize("value", [101, -1, "50", None, float("nan"), True])
def test_what_no_slider_would_send_is_not_taken(value):
    at = opened(Layer(rule=Mcar(rate=0.1)))
    drag(at, "rule.rate", value)
    assert slider(at, "Rate (%)")["preview"] is None
    let_go(at, "rule.rate", value)
    assert only(at).rule == Mcar(rate=0.1)


def test_opacity_is_dragged_and_changes_no_count():
    at = opened(Layer(rule=Mcar()))
    before = told(at)
    let_go(at, "opacity", 35)
    assert only(at).opacity == 0.35
    assert rows(at)[0]["opacity"] == 0.35
    assert told(at) == before


def test_the_sliders_of_a_locked_layer_stand_still():
    at = opened(Layer(rule=Blocks(), locked=True))
    assert all(one["disabled"] for one in components(at, "masklab_slider").values())
    let_go(at, "rule.rate", 50)
    assert only(at).rule == Blocks()
    assert "is locked" in at.error[0].value


def test_sentinel_values_are_numbers():
    at = opened(Layer(rule=Sentinel(values=(-999.0, 0.1))))
    assert widget(at, "multiselect", "rule.values").value == ["-999", "0.1"]
    key = "masklab.layers.1.rule.values"
    sound(at.multiselect(key=key).set_value(["-999"]).run())
    assert only(at).rule == Sentinel(values=(-999,))


def test_an_edit_of_a_layer_that_is_gone_changes_nothing_and_says_so():
    at = opened(Layer(rule=Mcar()))
    seed = widget(at, "number_input", "rule.seed").set_value(5)
    other = project().with_recipe(MaskRecipe())  # another tab removed it
    state.store().save_project(WORK, other.model_dump_json())
    sound(seed.run())
    assert recipe_of(at) == MaskRecipe()
    assert at.error[0].value == GONE


def test_a_layer_that_does_not_fit_is_named_and_stays_in_the_list():
    at = open_page(Layer(rule=Mcar(), channels=("gust",)), Layer(rule=Mcar()))
    assert "Left out: It is aimed at the channels" in texts(at)
    assert "Hides 20 of 200 cells, 10.0 %" in texts(at)


def test_a_mask_that_hides_everything_is_reported_above_the_layers():
    at = open_page(Layer(rule=ValueRange(low=-1, side="inside")))
    warned = [
        one.value for one in at.markdown if "The mask hides every cell of the data" in one.value
    ]
    assert len(warned) == 1
    ask(at, "set", field="enabled", value=False)
    assert not [one for one in at.markdown if "hides every cell" in one.value]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (
            LayerCount(1, "x", True, cells=26115, newly_hidden=1203),
            "Hides 1,203 of 26,115 cells, 4.6 %",
        ),
        (
            LayerCount(1, "x", True, cells=10, newly_revealed=5),
            "Shows again 5 of 10 cells, 50.0 %",
        ),
        (
            LayerCount(1, "x", True, cells=10, newly_hidden=1, newly_revealed=5),
            "Hides 1 of 10 cells, 10.0 %; shows again 5 of 10 cells, 50.0 %",
        ),
        (LayerCount(1, "x", True, cells=10), "Changes none of 10 cells"),
        (LayerCount(1, "x", False), "Off"),
    ],
)
def test_a_count_is_told_with_its_denominator(count, text):
    assert count_words(count) == text
