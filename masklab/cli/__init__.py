"""The command line: `masklab app | run | resume | cluster | compare | schema | samples | mask`.

This file only says what can be typed; each command's work is in a file of its own, imported when
the command runs, so that help comes at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

import masklab
from masklab.errors import MaskLabError

_STORE = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder that keeps the runs. Default: MASKLAB_STORE, or the user's data folder.",
)

_EXECUTOR = click.option(
    "--executor",
    metavar="local|dask",
    help="Who trains the runs of this store from now on. Default: as before, at first this machine.",
)
_SCHEDULER = click.option("--scheduler", metavar="tcp://HOST:PORT", help="Of the Dask cluster.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(masklab.__version__, "--version", prog_name="masklab")
def cli() -> None:
    """Mask time series, train masked LSTMs, compare them fairly."""


@cli.command()
@_STORE
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8501, or the next free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
def app(store: Path | None, port: int | None, host: str) -> None:
    """Start the app in the browser; runs go on when it ends."""
    from masklab.cli import serving  # noqa: PLC0415 - see above

    serving.serve(store, port, host)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.yaml")
@_STORE
@click.option(
    "--detach", is_flag=True, help="Queue the runs and return; they train on by themselves."
)
@_EXECUTOR
@_SCHEDULER
def run(
    file: Path, store: Path | None, detach: bool, executor: str | None, scheduler: str | None
) -> None:
    """Train every run of an experiment, then compare its strategies.

    Ctrl-C stops the experiment's runs. The exit code is 1 if a run did not finish.
    """
    from masklab.cli import running  # noqa: PLC0415

    sys.exit(running.run(file, store, detach, (executor, scheduler)))


@cli.command()
@_STORE
@click.option("--experiment", metavar="ID", help="Its first digits will do. Default: all of them.")
@click.option("--detach", is_flag=True, help="Queue the runs and return.")
@_EXECUTOR
@_SCHEDULER
def resume(
    store: Path | None,
    experiment: str | None,
    detach: bool,
    executor: str | None,
    scheduler: str | None,
) -> None:
    """Let stopped, failed and paused runs go on from their last checkpoints.

    Those that successive halving stopped stay as they are. The exit code is 1 if a run did not
    finish.
    """
    from masklab.cli import running  # noqa: PLC0415

    sys.exit(running.resume(store, experiment, detach, (executor, scheduler)))


@cli.command()
@click.option("--workers", type=click.IntRange(1, 1024), help="Default: one for each core.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Default: 8786, or the next free one.")
@click.option("--join", metavar="tcp://HOST:PORT", help="Start workers only, for this scheduler.")
def cluster(workers: int | None, host: str, port: int | None, join: str | None) -> None:
    """Start a Dask cluster on this machine, to train runs on; Ctrl-C ends it.

    A worker trains one run at a time. GPUs are given to the first workers, one each.
    """
    from masklab.cli import clustering  # noqa: PLC0415

    clustering.cluster(workers, host, port, join)


@cli.command()
@_STORE
@click.option("--experiment", metavar="ID", help="Its first digits will do. Default: all of them.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option(
    "--metric", type=click.Choice(["rmse", "mse", "mae", "mre", "mase"]), default="rmse",
    show_default=True,
)  # fmt: skip
@click.option(
    "--cells", type=click.Choice(["common", "own"]), default="common", show_default=True,
    help="Cells that every run is scored on, or those that each strategy counts itself.",
)  # fmt: skip
@click.option(
    "--units", type=click.Choice(["scaled", "original"]), default="scaled", show_default=True,
    help="Units of the scores: scaled, or those of the data.",
)  # fmt: skip
@click.option(
    "--baseline", metavar="STRATEGY", help="To take differences from. Default: the first."
)
def compare(
    store: Path | None, experiment: str | None, form: str, baseline: str | None, **choice: str
) -> None:
    """Compare the strategies of finished runs at their best epochs."""
    from masklab.cli import comparing  # noqa: PLC0415

    comparing.compare(store, experiment, form, baseline, choice)


@cli.command()
def schema() -> None:
    """Print the JSON schema of an experiment's file."""
    from masklab.cli import listing  # noqa: PLC0415

    listing.print_schema()


@cli.command()
@click.argument("name", required=False)
@click.option(
    "--copy", "folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Copy the sample, and its experiment if it has one, into a folder.",
)  # fmt: skip
def samples(name: str | None, folder: Path | None) -> None:
    """List the sample data, or tell about one and copy it."""
    from masklab.cli import listing  # noqa: PLC0415

    listing.samples(name, folder)


@cli.command()
@click.argument("data", metavar="DATA")
@click.argument("mask", type=click.Path(path_type=Path, dir_okay=False), metavar="MASK")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT")
@click.option(
    "--to", "kind", metavar="FORMAT",
    help="Such as wide_csv or recipe_yaml. Default: what the name OUT ends with.",
)  # fmt: skip
def mask(data: str, mask: Path, out: Path, kind: str | None) -> None:
    """Write a mask or recipe of DATA (a file or sample:NAME) in another format.

    The format of MASK is told by its content. What does not fit DATA is said and left out.
    """
    from masklab.cli import masks  # noqa: PLC0415

    masks.convert(data, mask, out, kind)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: errors are one sentence on stderr and exit code 2."""
    try:
        cli.main(arguments, prog_name="masklab", standalone_mode=False)
    except click.ClickException as error:
        _leave(error.format_message(), 2)
    except MaskLabError as error:
        _leave(str(error), 2)
    except (click.Abort, KeyboardInterrupt):
        _leave("Interrupted.", 130)


def _leave(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)
