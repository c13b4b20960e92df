"""A script as a Jupyter notebook: a cell for each of its sections."""

from __future__ import annotations

import json
from typing import Any

_SECTION = "# %%"
_ABOUT = (
    "# A run of MaskLab, in plain PyTorch\n\n"
    "The cells below are the script `run.py`, section by section. They need torch, numpy and pandas, "
    "and read `data.csv` and `mask.csv` from the notebook's folder. Run all of them: the last one "
    "trains and prints the score."
)


def notebook(script: str) -> str:
    """Return a script as a notebook (nbformat 4.5), its outputs empty; its code cells are the script."""
    first, *sections = script.rstrip("\n").split(f"\n\n\n{_SECTION} ")
    cells = [_cell("markdown", _ABOUT), _cell("code", first)]
    for section in sections:
        title, _, _ = section.partition("\n")
        cells += [_cell("markdown", f"## {title}"), _cell("code", f"{_SECTION} {section}")]
    numbered = [{"id": f"cell-{at:02d}", **cell} for at, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = {
        "cells": numbered,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _cell(kind: str, text: str) -> dict[str, Any]:
    cell = {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell if kind == "markdown" else {**cell, "execution_count": None, "outputs": []}
