"""A layer keeps its number while it is moved, changed, joined by others and undone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer
from masklab.masks.rules.value_range import ValueRange
from masklab.ui.layer_names import Named, named


def layers(*names: str) -> list[Layer]:
    return [Layer(rule=Mcar(), name=name) for name in names]


def known(*names: str) -> Named:
    return named(Named(), layers(*names))


@given(st.permutations("abcde"))
def test_numbers_follow_layers_to_any_place(order):
    found = named(known(*"abcde"), layers(*order))
    assert found.numbers == tuple("abcde".index(name) + 1 for name in order)


@given(st.lists(st.sampled_from("aab"), max_size=6), st.lists(st.sampled_from("aab"), max_size=6))
def test_every_number_is_given_once_and_never_again(before, after):
    first = known(*before)
    second = named(first, layers(*after))
    assert len(set(second.numbers)) == len(after)
    assert all(number < second.next for number in second.numbers)
    fresh = set(second.numbers) - set(first.numbers)
    assert all(number >= first.next for number in fresh)


def test_a_changed_layer_keeps_its_number_even_if_it_now_equals_another():
    assert named(known("a", "b"), layers("x", "b")).numbers == (1, 2)
    assert named(known("a", "b"), layers("b", "b")).numbers == (1, 2)


def test_a_layer_removed_takes_its_number_along_and_a_copy_gets_a_new_one():
    without = named(known("a", "b", "c"), layers("a", "c"))
    assert without.numbers == (1, 3)
    assert named(without, layers("a", "a2", "c")).numbers == (1, 4, 3)


def test_another_rule_is_another_layer():
    other = [Layer(rule=ValueRange(low=0), name="a")]
    assert named(known("a"), other).numbers == (2,)
    assert named(known("a"), other).place(1) is None
