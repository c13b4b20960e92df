"""The panel of layers by AppTest: what a person does there, and what is saved of it."""

from __future__ import annotations

import itertools
import json

from streamlit.testing.v1 import AppTest

from masklab.masks.layers import Layer, MaskRecipe
from masklab.ui import state
from masklab.ui.project import Project
from tests.conftest import ROOT

PAGE = ROOT / "tests" / "ui_mask" / "layers_page.py"
WORK = "0a0b0c0d0e0f"
LIST = f"masklab.layers.list.{WORK}"
_numbers = itertools.count(1)


def open_page(*layers: Layer) -> AppTest:
    """Open the panel on a project with these layers."""
    state.store().save_project(
        WORK, Project(history=(MaskRecipe(layers=layers),)).model_dump_json()
    )
    at = AppTest.from_file(str(PAGE), default_timeout=30)
    at.query_params["work"] = WORK
    return sound(at.run())


def sound(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def project() -> Project:
    return Project.model_validate_json(state.store().load_project(WORK)[0])


def recipe_of(at: AppTest) -> MaskRecipe:
    return project().recipe


def names(at: AppTest) -> list[str]:
    return [layer.name for layer in recipe_of(at).layers]


def rows(at: AppTest) -> list[dict]:
    """Return what the list was last given to draw, from first to last row."""
    return drawn(at)["rows"]


def drawn(at: AppTest) -> dict:
    """Return all that the list was last given."""
    (found,) = components(at, "masklab_layers").values()
    return found


def components(at: AppTest, name: str) -> dict[str, dict]:
    """Return what the components of a name were given, by the label or document they carry."""
    made = [one.proto for one in at.get("bidi_component") if one.proto.component_name == name]
    given = [json.loads(one.json) for one in made]
    return {one.get("label") or one["document"]: one for one in given}


def slider(at: AppTest, label: str) -> dict:
    return components(at, "masklab_slider")[label]


def drag(at: AppTest, name: str, value: object, place: int = 0) -> AppTest:
    """Drag a slider to a value without letting it go."""
    live = {"name": "t", "seq": next(_numbers), "value": value}
    at.session_state[f"masklab.layers.{number(at, place)}.{name}"] = {"live": live}
    return sound(at.run())


def let_go(at: AppTest, name: str, value: object, place: int = 0) -> AppTest:
    """Let a slider go at a value."""
    final = {"name": f"t{next(_numbers)}", "value": value}
    at.session_state[f"masklab.layers.{number(at, place)}.{name}"] = {"final": final}
    return sound(at.run())


def told(at: AppTest) -> list[str]:
    return [row["told"] + row["aim"] for row in rows(at)]


def number(at: AppTest, place: int = 0) -> int:
    return rows(at)[place]["layer"]


def ask(at: AppTest, action: str, place: int = 0, **more: object) -> AppTest:
    """Do what a click or a key in a layer's row does."""
    wish = {"client": "t", "seq": next(_numbers), "action": action, "layer": number(at, place)}
    at.session_state[LIST] = {"ops": [wish | more]}
    return sound(at.run())


def opened(*layers: Layer, place: int = 0) -> AppTest:
    """Open the panel with the settings of one layer shown."""
    at = open_page(*layers)
    at.session_state["masklab.layers.open"] = number(at, place)
    return sound(at.run())


def widget(at: AppTest, kind: str, name: str, place: int = 0):
    return getattr(at, kind)(key=f"masklab.layers.{number(at, place)}.{name}")


def menu(at: AppTest, key: str):
    (found,) = [one for one in at.get("menu_button") if one.key == key]
    return found


def only(at: AppTest) -> Layer:
    (layer,) = recipe_of(at).layers
    return layer


def texts(at: AppTest) -> str:
    return "\n".join([*(one.value for one in at.caption), *told(at)])
