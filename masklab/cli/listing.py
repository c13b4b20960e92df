"""Print what can be used: the schema of experiments, the sample data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
from rich.table import Table

from masklab.cli.tables import console
from masklab.data.samples import sample, sample_path
from masklab.data.samples import samples as all_samples
from masklab.errors import DataError
from masklab.runs.spec import Experiment


def print_schema() -> None:
    """Print the JSON schema of an experiment."""
    click.echo(json.dumps(Experiment.model_json_schema(), indent=2, ensure_ascii=False))


def samples(name: str | None, folder: Path | None) -> None:
    """List all samples, or tell about one; copy it where a folder is given."""
    if name is None and folder is not None:
        raise DataError(f"Say which sample to copy to {folder}: {_names()}.")
    if name is None:
        _list()
        return
    one = sample(name)
    if folder is not None:
        _copy(one.name, folder)
        return
    click.echo(f"{one.title}\n{one.story}")
    click.echo(f"File: {sample_path(name)}\nLicence: {one.licence}\nSource: {one.source}")


def _list() -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("name", "title", "story"):
        table.add_column(title, overflow="fold")
    for one in all_samples():
        table.add_row(one.name, one.title, one.story)
    console().print(table)
    click.echo(
        "In an experiment: data: {path: sample:NAME}. Copies: masklab samples NAME --copy DIR"
    )


def _copy(name: str, folder: Path) -> None:
    source = sample_path(name)
    wanted = [source, source.with_name(f"{name}.experiment.yaml")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in wanted:
            target = folder / file.name
            if not file.exists():
                continue
            if target.exists():
                raise DataError(f"{target} is there already, and was left as it is.")
            shutil.copyfile(file, target)
            click.echo(str(target))
    except OSError as error:
        raise DataError(f"{name} can't be copied to {folder}: {error.strerror or error}.") from None


def _names() -> str:
    return ", ".join(one.name for one in all_samples())
