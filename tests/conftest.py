"""Fixtures for every test: a store of its own, and for browser tests a server and a page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from masklab.training.cublas import reserve_workspace

ROOT = Path(__file__).resolve().parent.parent
SAMPLE_DATA = ROOT / "sample_data"

# One thread: the machine's cores belong to the workers, and sums in another order differ.
os.environ.setdefault("OMP_NUM_THREADS", "1")
reserve_workspace()  # before any test starts CUDA


@pytest.fixture(autouse=True)
def store_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test out of the user's own store."""
    directory = tmp_path / "store"
    monkeypatch.setenv("MASKLAB_STORE", str(directory))
    return directory


def chromium_path() -> str | None:
    """Return a Chromium that is installed, or Playwright's own, or None."""
    names = (os.environ.get("MASKLAB_CHROMIUM", ""), "chromium", "chromium-browser")
    for name in (*names, "google-chrome", "google-chrome-stable"):
        found = shutil.which(name) if name else None
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.skip("No Chromium is installed; `make browser` gets one, or set MASKLAB_CHROMIUM.")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_app(store: Path, *options: str) -> Iterator[str]:
    """Start the app as a user does, yield its address, and end all that it started."""
    port = free_port()
    command = [sys.executable, "-m", "masklab", "app", "--port", str(port), "--store", str(store)]
    command += options
    log = (store.parent / "app.log").open("w")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{address}/_stcore/health"), seconds=60)
        yield address
    finally:
        end_tree(process)
        end_processes_of(store)
        log.close()


def end_tree(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children, and reap it."""
    if process.poll() is None:
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()
    process.wait(timeout=10)


def end_processes_of(store: Path) -> None:
    """End the detached supervisor and workers of a store, found by their command line."""
    for process in psutil.process_iter(["cmdline"]):
        if str(store) in " ".join(process.info["cmdline"] or []):
            for child in [*process.children(recursive=True), process]:
                with_no_such(child)


def with_no_such(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def wait_until(holds, seconds: float = 30) -> None:
    """Poll until `holds()` is true; fail the test when it never is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    pytest.fail(f"Nothing happened within {seconds} s.")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:  # noqa: S310
            return answer.status == 200
    except urllib.error.HTTPError as answer:  # it may ask for a login first
        return answer.code == 401
    except OSError:
        return False


@pytest.fixture
def app(store_directory: Path) -> Iterator[str]:
    """The address of a running app with an empty store of its own."""
    with running_app(store_directory) as address:
        yield address
