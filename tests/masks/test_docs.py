"""The documentation of masks is complete."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from masklab.masks.exchange import FORMATS
from masklab.masks.layers import RULES, Combine, Layer, Scope

TEXT = (Path(__file__).parents[2] / "docs" / "masks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_stands_in_the_table_with_its_title(kind):
    assert f"| `{kind}` | {RULES[kind].title} |" in TEXT


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_stands_in_the_table_with_its_title_and_ending(kind):
    assert f"| `{kind}` | {FORMATS[kind].title} | `{FORMATS[kind].ending}` |" in TEXT


def test_no_rule_stands_in_the_table_that_does_not_exist():
    rows = TEXT.split("## Rules")[1].split("## Export")[0].splitlines()
    kinds = {row.split("`")[1] for row in rows if row.startswith("| `")}
    assert kinds == set(RULES)


@pytest.mark.parametrize("name", [*Layer.model_fields, *get_args(Combine), *get_args(Scope)])
def test_every_field_and_choice_of_a_layer_is_explained(name):
    assert f"`{name}`" in TEXT
