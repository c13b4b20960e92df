"""What a run was computed with: versions, device, and the commit of MaskLab's source if it has one."""

from __future__ import annotations

import platform
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import masklab

_PACKAGES = ("torch", "numpy", "pandas", "safetensors")


def environment(device: str) -> dict[str, str]:
    """Return names and values, without folders or names of machines and users."""
    commit = _commit()
    found = {**_versions(), "system": f"{platform.system()} {platform.machine()}", "device": device}
    return found | ({"commit": commit} if commit else {})


def learn() -> None:
    """Find out what takes time, so that processes forked from this one know it."""
    environment("")


@cache
def _versions() -> dict[str, str]:
    found = {"masklab": masklab.__version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def _commit() -> str:
    """Return the commit of the source tree that MaskLab runs from; "" for an installed package."""
    source = Path(masklab.__file__).parent.parent
    if not (source / ".git").exists():
        return ""
    command = ["git", "-C", str(source), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""
