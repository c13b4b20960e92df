"""No module loads what could run code: pickles, YAML tags, evaluated text, shells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from yaml import CSafeLoader, SafeLoader

from masklab.masks.formats import recipe_yaml
from masklab.runs import document

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    *sorted((ROOT / "masklab").rglob("*.py")),
    *sorted((ROOT / "pages").glob("*.py")),
    ROOT / "app.py",
]

FORBIDDEN = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "read_pickle",
    "to_pickle",
    "os.system",
    "os.popen",
}
SAFE_LOADERS = {"_Loader", "yaml.SafeLoader", "yaml.CSafeLoader"}


def problems(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.split(".")[0] in FORBIDDEN)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            yield from _call(node)


def _call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    last = name.rpartition(".")[2]
    given = {one.arg: ast.unparse(one.value) for one in node.keywords}
    if name in CALLS or last in {"read_pickle", "to_pickle"}:
        yield name
    if name in {"np.load", "numpy.load"} and given.get("allow_pickle") != "False":
        yield f"{name} without allow_pickle=False"
    if name == "torch.load" and given.get("weights_only") != "True":
        yield f"{name} without weights_only=True"
    if name in {"yaml.load", "yaml.parse", "yaml.scan"}:
        loader = given.get("Loader", "")
        if loader not in SAFE_LOADERS and "SafeLoader" not in loader:
            yield f"{name} with {loader or 'no loader'}"
    if name in {"yaml.unsafe_load", "yaml.full_load", "yaml.load_all", "yaml.full_load_all"}:
        yield name
    if given.get("shell", "False") != "False":
        yield f"{name} with a shell"
    if given.get("allow_pickle", "False") != "False":
        yield f"{name} with pickles"
    if "unsafe_allow_javascript" in given:
        yield f"{name} with scripts"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_runs_nothing_from_a_file(path: Path):
    found = list(problems(ast.parse(path.read_text("utf-8"))))
    assert found == [], f"{path.name} uses {', '.join(found)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_markup_of_a_page_holds_nothing_of_a_user(path: Path):
    """HTML is written where nothing of a user's own stands in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and any(
            one.arg == "unsafe_allow_html" for one in node.keywords
        ):
            pytest.fail(f"{path.name}, line {node.lineno}: use st.html, which cleans what it draws")


@pytest.mark.parametrize(
    "code",
    ["import pickle", "from joblib import load", "np.load(f)", "np.load(f, allow_pickle=True)",
     "torch.load(f)", "yaml.load(t)", "yaml.load(t, Loader=yaml.Loader)", "eval(x)", "exec(x)",
     "subprocess.run(x, shell=True)", "pd.read_pickle(f)", "st.html(x, unsafe_allow_javascript=True)"],
)  # fmt: skip
def test_the_search_itself_finds_what_it_looks_for(code: str):
    assert list(problems(ast.parse(code)))


def test_every_safe_loader_is_one():
    for module in (document, recipe_yaml):
        assert issubclass(module._Loader, SafeLoader | CSafeLoader)
