"""`masklab mask`: from any format to any other, with what did not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from masklab.cli import main
from masklab.data.read import read_panel
from masklab.masks.exchange import FORMATS, read_mask
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe

RECIPE = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.3)),))


@pytest.fixture
def folder(tmp_path):
    hours = pd.date_range("2024-01-01", periods=50, freq="h")
    pd.DataFrame({"time": hours, "a": np.arange(50.0), "b": 1.0}).to_csv(
        tmp_path / "data.csv", index=False
    )
    (tmp_path / "r.mask.json").write_text(dump_recipe(RECIPE))
    return tmp_path


def called(capsys, *arguments) -> tuple[int, str, str]:
    code = 0
    try:
        main(["mask", *map(str, arguments)])
    except SystemExit as end:
        code = int(end.code or 0)
    seen = capsys.readouterr()
    return code, seen.out, seen.err


@pytest.mark.parametrize("kind", FORMATS)
def test_a_recipe_becomes_a_file_of_each_format(folder, capsys, kind):
    out = folder / f"out{FORMATS[kind].ending}"
    code, said, _ = called(capsys, folder / "data.csv", folder / "r.mask.json", out)
    assert code == 0
    assert "hides 30 of 100 cells, 30.0 %." in said
    if FORMATS[kind].reads:
        panel = read_panel(folder / "data.csv")
        back = MaskRecipe(layers=read_mask(out, panel).layers)
        assert back.apply(panel) == RECIPE.apply(panel)


def test_a_name_that_tells_no_format_is_refused(folder, capsys):
    code, _, error = called(capsys, folder / "data.csv", folder / "r.mask.json", folder / "out.txt")
    assert code == 2
    assert "tells no format" in error
    code, _, error = called(
        capsys, folder / "data.csv", folder / "r.mask.json", folder / "o", "--to", "magic"
    )
    assert code == 2
    assert "there is no format 'magic'" in error.lower()


def test_what_does_not_fit_is_said(folder, capsys):
    (folder / "x.csv").write_text(
        "channel,start,end\nz,2024-01-01,2024-01-02\n,2024-01-01,2024-01-01T03:00\n"
    )
    code, said, error = called(capsys, folder / "data.csv", folder / "x.csv", folder / "x.mask.npz")
    assert code == 0
    assert "no such channel: 'z'" in error
    assert "hides 8 of 100 cells" in said
