"""The mask as a Python script that makes it again."""

from __future__ import annotations

import pprint
from pathlib import PureWindowsPath
from typing import ClassVar, Literal

from masklab.data.samples import PREFIX
from masklab.masks.format import Masked, MaskFormat
from masklab.masks.recipe_file import brief

_PRETTY = 200_000
"""Recipes of more characters are written on one line: laying them out takes long."""


class PythonCode(MaskFormat):
    """A script: read the data, divide them, apply the recipe; `observed` is the mask."""

    title: ClassVar[str] = "Python code"
    explanation: ClassVar[str] = (
        "A script that reads the data and makes the same mask with the library, bit for bit."
    )
    ending: ClassVar[str] = ".mask.py"
    mime: ClassVar[str] = "text/x-python"
    holds: ClassVar[Literal["mask", "recipe"]] = "recipe"
    reads: ClassVar[bool] = False  # code is never run

    kind: Literal["python_code"] = "python_code"

    def write(self, masked: Masked) -> bytes:
        """Return the script."""
        return code(masked).encode()


def code(masked: Masked) -> str:
    """Return the script as text; nothing of a user's own stands in it but as a literal."""
    is_sample = masked.path.startswith(PREFIX)
    # The name alone: folders of this machine are nobody else's business.
    path = repr(PureWindowsPath(masked.path).name or "data.csv")
    place = f"sample_path({masked.path.removeprefix(PREFIX)!r})" if is_sample else path
    reading = {
        name: getattr(masked.reading, name)
        for name in type(masked.reading).model_fields
        if getattr(masked.reading, name)
        != type(masked.reading).model_fields[name].get_default(call_default_factory=True)
    }
    imports = ["from masklab import MaskRecipe, read_panel"]
    imports += ["from masklab.data.samples import sample_path"] if is_sample else []
    imports += ["from masklab.split import Split"] if masked.split else []
    options = "".join(f"    {name}={value!r},\n" for name, value in reading.items())
    lines = [
        '"""Make a mask again that was designed with MaskLab."""',
        "",
        *imports,
        "",
        *(
            []
            if is_sample
            else ["# The file is looked for in the folder where this script is started."]
        ),
        f"panel = read_panel(\n    {place},\n{options})"
        if options
        else f"panel = read_panel({place})",
        f"parts = {_split(masked)}",
        f"recipe = MaskRecipe.model_validate(\n{_literal(masked)}\n)",
        "mask = recipe.apply(panel, parts)",
        "observed = mask.observed  # (row, channel) bool, True where a cell is usable",
        "",
        'print(f"{100 * mask.hidden_share:.1f} % of {observed.size:,} cells are hidden or missing.")',
    ]
    return "\n".join(lines) + "\n"


def _split(masked: Masked) -> str:
    if masked.split is None:
        return "None  # every layer covers all rows"
    given = masked.split.model_dump(exclude_defaults=True)
    return f"Split({', '.join(f'{name}={value!r}' for name, value in given.items())}).parts(panel)"


def _literal(masked: Masked) -> str:
    whole = brief(masked.recipe)
    plain = repr(whole)
    if len(plain) > _PRETTY:
        return f"    {plain}"
    text = pprint.pformat(whole, width=96, sort_dicts=False)
    return "\n".join(f"    {line}" for line in text.split("\n"))
