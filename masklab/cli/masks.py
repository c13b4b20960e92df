"""Turn a file of a mask into another format, for the data it belongs to."""

from __future__ import annotations

from pathlib import Path

import click

from masklab.data.read import read_panel
from masklab.data.samples import PREFIX, resolve_path, sample
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.exchange import FORMATS, read_mask, write_mask
from masklab.masks.format import Masked
from masklab.masks.layers import MaskRecipe


def convert(data: str, mask: Path, out: Path, kind: str | None) -> None:
    """Read a mask or recipe for some data and write it; say what it hides and what did not fit."""
    chosen = kind or _by_ending(out)
    if chosen not in FORMATS:
        raise MaskError(f"There is no format {chosen!r}; there are {', '.join(FORMATS)}.")
    panel = _panel(data)
    incoming = read_mask(mask, panel, name=mask.name.split(".")[0])
    recipe = MaskRecipe(layers=incoming.layers)
    for note in incoming.notes:
        click.echo(f"Note: {note}", err=True)
    if any(layer.scope != "both" for layer in recipe.layers) and FORMATS[chosen].holds == "mask":
        click.echo("Note: without a split, every layer covers all rows.", err=True)
    masked = Masked(panel, recipe, name=out.name.split(".")[0], path=data)
    write_mask(masked, chosen, out)
    share = 100 * masked.hidden.mean()
    click.echo(
        f"{out}: {FORMATS[chosen].title}; hides {masked.hidden.sum():,} of {masked.hidden.size:,} "
        f"cells, {share:.1f} %."
    )


def _panel(data: str) -> Panel:
    reading = sample(data).reading if data.startswith(PREFIX) else None
    return read_panel(resolve_path(data), reading)


def _by_ending(out: Path) -> str:
    """Return the format whose ending a file's name has, whole or its last part if one alone has it."""
    name = out.name.lower()
    whole = [kind for kind, form in FORMATS.items() if name.endswith(form.ending)]
    last = [
        kind for kind, form in FORMATS.items() if form.ending.endswith(out.suffix.lower() or " ")
    ]
    if whole or len(last) == 1:
        return (whole or last)[0]
    raise MaskError(
        f"The name {out.name!r} tells no format. Give --to, one of {', '.join(FORMATS)}, or end it "
        f"with one of {', '.join(form.ending for form in FORMATS.values())}."
    )
