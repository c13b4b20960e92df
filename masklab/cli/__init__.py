"""The command line: `masklab app | users | run | resume | cluster | compare | audit | export | schema | samples | mask | store`.

This file only says what can be typed; each command's work is in a file of its own, imported when
the command runs, so that help comes at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

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
@click.option(
    "--host", default="127.0.0.1", show_default=True,
    help="Address to listen on. Any other than this machine's own asks for a password.",
)  # fmt: skip
@click.option("--login", is_flag=True, help="Ask for a login on this machine's own address too.")
@click.option(
    "--password-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="One password for all, in its first line; or set MASKLAB_PASSWORD. Default: users.",
)  # fmt: skip
@click.option(
    "--behind-tls", is_flag=True,
    help="A proxy with TLS stands in front: ask for a login, send cookies over TLS alone.",
)  # fmt: skip
def app(store: Path | None, port: int | None, host: str, **door: Any) -> None:
    """Start the app in the browser; runs go on when it ends."""
    from masklab.cli import serving  # noqa: PLC0415 - see above

    serving.serve(store, port, host, serving.Door(**door))


@cli.group()
def users() -> None:
    """Keep the users of a store, who have a workspace each: add, list, remove."""


@users.command("add")
@click.argument("name")
@_STORE
@click.option("--token", is_flag=True, help="Make a password at random, and print a link with it.")
@click.option(
    "--url", default="http://127.0.0.1:8501", show_default=True, metavar="URL",
    help="Where the app is reached, for the link.",
)  # fmt: skip
def users_add(name: str, store: Path | None, token: bool, url: str) -> None:
    """Add a user; asks for a password twice."""
    from masklab.cli import accounts  # noqa: PLC0415

    accounts.add(store, name, url if token else None)


@users.command("list")
@_STORE
def users_list(store: Path | None) -> None:
    """List the names."""
    from masklab.cli import accounts  # noqa: PLC0415

    accounts.show(store)


@users.command("remove")
@click.argument("name")
@_STORE
def users_remove(name: str, store: Path | None) -> None:
    """Remove a user, logged out at once; their workspace stays on the disk."""
    from masklab.cli import accounts  # noqa: PLC0415

    accounts.remove(store, name)


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
    "--cells", type=click.Choice(["common", "own", "observed", "hidden"]), default="common", show_default=True,
    help="Cells that every run is scored on, those that each strategy counts itself, all that the "
    "file has, or those of them that the mask hides.",
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


@cli.command("export")
@click.argument("what", nargs=-1, required=True, metavar="EXPERIMENT|RUN... TARGET")
@_STORE
@click.option(
    "--as", "kind", required=True,
    type=click.Choice(
        ["report", "csv", "yaml", "script", "notebook", "keras", "tensorboard", "mlflow"]
    ),
    help="What to write.",
)  # fmt: skip
@click.option(
    "--metric", type=click.Choice(["rmse", "mse", "mae", "mre", "mase"]), default="rmse",
    show_default=True, help="Of report and csv.",
)  # fmt: skip
@click.option(
    "--cells",
    type=click.Choice(["common", "own", "observed", "hidden"]),
    default="common",
    show_default=True,
    help="Of report and csv.",
)
@click.option(
    "--units", type=click.Choice(["scaled", "original"]), default="scaled", show_default=True,
    help="Of report and csv.",
)  # fmt: skip
def export_(what: tuple[str, ...], store: Path | None, kind: str, **choice: str) -> None:
    """Take experiments or runs elsewhere.

    TARGET is a file for report and yaml, a folder for csv, code and tensorboard; for mlflow a
    folder, a database (sqlite:///mlflow.db) or the address of a tracking server. An experiment's
    first digits will do. Pictures (PNG, SVG) are drawn by a browser: the Compare page saves them, and
    so does the report.
    """
    from masklab.cli import exporting  # noqa: PLC0415

    exporting.export(store, what, kind, choice)


@cli.command()
@click.argument("what", metavar="RUN|EXPERIMENT")
@_STORE
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True,
)  # fmt: skip
@click.option("--again", is_flag=True, help="Audit anew what was audited before.")
def audit(what: str, store: Path | None, form: str, again: bool) -> None:
    """Try out whether a finished run, or each of an experiment, sees what it must not see.

    An experiment's first digits will do. The exit code is 1 if a check fails.
    """
    from masklab.cli import auditing  # noqa: PLC0415

    sys.exit(auditing.audit(store, what, form, again=again))


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


@cli.group()
def store() -> None:
    """Check, compact, export and import what a store holds."""


@store.command()
@_STORE
def check(store: Path | None) -> None:
    """Say what is wrong with a store; changes nothing.

    The exit code is 1 if something is.
    """
    from masklab.cli import stores  # noqa: PLC0415

    sys.exit(stores.check(store))


@store.command()
@_STORE
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def compact(store: Path | None, dry_run: bool) -> None:
    """Remove files that nothing needs and make the store's own file smaller."""
    from masklab.cli import stores  # noqa: PLC0415

    stores.compact(store, dry_run)


@store.command()
@click.argument("what", nargs=-1, required=True, metavar="[EXPERIMENT | RUN] OUT.zip")
@_STORE
@click.option("--rescue", is_flag=True, help="Export what can be read of a damaged store.")
def export(what: tuple[str, ...], store: Path | None, rescue: bool) -> None:
    """Write one experiment, one run or all of a store as a zip, to be imported elsewhere.

    An experiment's first digits will do. The zip names no folder, machine or user.
    """
    from masklab.cli import stores  # noqa: PLC0415

    stores.export(what, store, rescue)


@store.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.zip")
@_STORE
def import_(file: Path, store: Path | None) -> None:
    """Bring the experiments of a zip into a store; what it has already stays as it is.

    Nothing starts by itself: runs that are to go on are paused.
    """
    from masklab.cli import stores  # noqa: PLC0415

    stores.bring_in(file, store)


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
