"""Start a Dask cluster on this machine and stay with it."""

from __future__ import annotations

import signal

import click

from masklab.access.origin import LOOPBACK
from masklab.errors import MaskLabError
from masklab.runs.cluster.local import LocalCluster
from masklab.runs.executors.dask import DaskExecutor
from masklab.runs.timing import slots


def cluster(workers: int | None, host: str, port: int | None, join: str | None) -> None:
    """Keep a scheduler and workers alive until interrupted; raise `MaskLabError` if they can't be."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if join is not None:
        _check_reachable(DaskExecutor.at(join), host)
    started = LocalCluster(workers or slots(), host, port, join)
    count = len(started.members) - (join is None)
    click.echo(f"Dask cluster: {started.address}, {count} worker{'s' * (count != 1)} here.")
    click.echo(f"Train on it: masklab run FILE.yaml --executor dask --scheduler {started.address}")
    if host not in LOOPBACK:
        click.echo("Whoever can reach this address can run code here as you.", err=True)
    started.serve(click.echo)


def _check_reachable(scheduler: DaskExecutor, host: str) -> None:
    if scheduler.host not in LOOPBACK and host in LOOPBACK:
        raise MaskLabError(
            f"Workers that listen on {host} can't be reached from {scheduler.scheduler}. Name this "
            "machine's address in that network with --host."
        )
