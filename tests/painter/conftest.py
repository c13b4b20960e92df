"""The harness app in a server of its own, and a painter on a document of its own for each test."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.conftest import ROOT, end_tree, free_port, wait_until
from tests.painter.canvas import ROWS, Canvas


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Run the harness; yield its address and the folder of its reports."""
    folder, port = tmp_path_factory.mktemp("painter"), free_port()
    command = [sys.executable, "-m", "streamlit", "run", "tests/painter/harness.py"]
    options = ["--server.port", str(port), "--server.headless", "true"]
    quiet = ["--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"]
    given = ["--", str(folder), str(ROWS), "3", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / "app.log").open("w") as log:
        process = subprocess.Popen(
            [*command, *options, *quiet, *given], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(address), seconds=60)
        yield address, folder
    finally:
        end_tree(process)


@pytest.fixture
def canvas(page, server, request):
    """A painter on a document of its own."""
    address, folder = server
    name = request.node.originalname
    return Canvas(page, f"{address}/?work={name}", folder / f"{name}.json")


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False
