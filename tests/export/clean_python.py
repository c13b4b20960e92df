"""Runs scripts in an interpreter that can import torch, numpy and pandas, and no MaskLab.

Started with `-I -S`: no site-packages, no `.pth` files, nothing of the environment's paths. It is given
the one folder that torch lies in, and refuses whatever of it scripts have no business with.
"""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
import traceback
import warnings
from importlib import import_module
from pathlib import Path

REFUSED = {
    "masklab", "pydantic", "jaxtyping", "safetensors", "streamlit", "plotly", "yaml", "benchmarks", "tests",
}  # fmt: skip


class Refusing:
    """An import hook that knows nothing of what MaskLab is and is made of."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main(packages: str, *scripts: str) -> None:
    """Run scripts one after the other; print a JSON list of what each printed or raised."""
    sys.path.append(packages)
    sys.meta_path.insert(0, Refusing())
    for name in ("pandas", "torch"):  # what they warn of while they are imported is theirs
        import_module(name)
    answers = []
    for script in scripts:
        path, _, option = script.partition("?")
        sys.argv = [path, *([option] if option else [])]
        said, raised = io.StringIO(), ""
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                _run(Path(path))
            except BaseException:
                raised = traceback.format_exc()
        ours = sorted(one for one in sys.modules if one.partition(".")[0] in REFUSED)
        answers.append({"said": said.getvalue(), "raised": raised, "ours": ours})
    print(json.dumps(answers))  # noqa: T201


def _run(path: Path) -> None:
    """Run a script, or a notebook's code cells one after the other in its folder."""
    if path.suffix == ".py":
        runpy.run_path(str(path), run_name="__main__")
        return
    space = {"__name__": "__main__"}
    with contextlib.chdir(path.parent):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), space)  # noqa: S102


if __name__ == "__main__":
    main(*sys.argv[1:])
