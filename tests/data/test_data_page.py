"""The Data page: first view, a sample, a messy file with its ways out, codes, split."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from masklab.data.read import ReadOptions
from masklab.data.samples import sample
from masklab.masks.layers import MaskRecipe
from masklab.runs.spec import DataSource
from masklab.runs.store import Store
from masklab.split import Split
from masklab.ui import data_gallery
from masklab.ui.project import Project

ROOT = Path(__file__).parents[2]
MESSY = (
    "Report;;;\nOrt;Datum;Temp;Feuchte\n"
    + "".join(f"N;{1 + n // 24:02d}.02.2024 {n % 24:02d}:00;1,{n};8{n % 10}\n" for n in range(60))
    + "N;04.02.2024 00:00;k.A.;80\nN;04.02.2024 00:00;1,0;80\n"
)
WORK = "abc123abc123"


@pytest.fixture
def data_page(store_directory: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.chdir(ROOT)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params["work"] = WORK
    return app.switch_page("pages/data.py")


def saved(store_directory: Path) -> Project:
    found = Store.open(store_directory).load_project(WORK)
    assert found is not None
    return Project.model_validate_json(found[0])


def with_sample(store_directory: Path, name: str) -> None:
    one = sample(name)
    source = DataSource(path=f"sample:{name}", reading=one.reading)
    project = Project(name=one.title, data=source)
    Store.open(store_directory).save_project(WORK, project.model_dump_json(), None)


def texts(data_page: AppTest) -> str:
    shown = [
        *data_page.markdown,
        *data_page.caption,
        *data_page.title,
        *data_page.header,
        *data_page.subheader,
        *data_page.error,
    ]
    return "\n".join(str(one.value) for one in shown)


def test_a_stranger_sees_what_it_is_for_and_two_ways_in(data_page: AppTest):
    data_page.run()
    assert not data_page.exception
    assert {"Use a sample", "Open my file"} <= {button.label for button in data_page.button}
    assert "**mask**" in texts(data_page)
    assert sum(button.label == "Use this sample" for button in data_page.button) == 7


def test_one_click_takes_a_sample(data_page: AppTest, store_directory: Path):
    data_page.run()
    data_page.button(key="data.use.jfk_sentinel").click().run()
    assert not data_page.exception
    project = saved(store_directory)
    assert project.data is not None
    assert project.data.path == "sample:jfk_sentinel"
    assert "132 of 4,334 cells, 3.0 %" in texts(data_page)
    (layer,) = project.recipe.layers
    assert layer.name == "A fifth of the time is lost"


def test_a_mask_of_one_s_own_is_kept_when_a_sample_comes(data_page: AppTest, store_directory: Path):
    own = MaskRecipe.model_validate({"layers": [{"rule": {"kind": "mcar", "rate": 0.3}}]})
    project = Project(history=(own,))
    Store.open(store_directory).save_project(WORK, project.model_dump_json())
    data_page.run()
    data_page.button(key="data.use.jfk_sentinel").click().run()
    assert saved(store_directory).recipe == own


def test_a_code_is_treated_as_missing_by_one_click_and_back_by_another(
    data_page: AppTest, store_directory: Path
):
    with_sample(store_directory, "jfk_sentinel")
    data_page.run()
    data_page.button(key="data.code.temp.-200.0").click().run()
    reading = saved(store_directory).data.reading  # type: ignore[union-attr]
    assert reading.sentinels == {"temp": (-200.0,)}
    data_page.button(key="data.undo.temp.-200.0").click().run()
    assert not data_page.exception
    assert saved(store_directory).data.reading.sentinels == {}  # type: ignore[union-attr]


def test_a_messy_file_is_mended_step_by_step_before_it_is_accepted(
    data_page: AppTest, store_directory: Path
):
    sha256, path = Store.open(store_directory).add_file(MESSY.encode(), "messy.csv")
    data_page.session_state["data.candidate"] = {
        "path": str(path), "title": "messy.csv", "sha256": sha256, "options": {},
    }  # fmt: skip
    data_page.run()
    assert not data_page.exception
    assert "'k.A.' in line 63" in texts(data_page)
    assert data_page.button(key="data.accept").disabled
    _button(data_page, "Treat k.A. as missing").click().run()
    assert "1 row repeats a time" in texts(data_page)
    _button(data_page, "Take the mean").click().run()
    assert not data_page.button(key="data.accept").disabled
    data_page.button(key="data.accept").click().run()
    assert not data_page.exception
    data = saved(store_directory).data
    assert data is not None
    assert data.sha256 == sha256
    assert data.reading.duplicates == "mean"
    assert data.reading.separator == ";"
    assert "the mean of each time was kept" in texts(data_page)


def test_a_guess_can_be_corrected(data_page: AppTest, store_directory: Path):
    text = "time,station,a,b\n" + "".join(
        f"2024-01-{day:02d},{one},1,{day}\n" for day in range(1, 29) for one in "xy"
    )
    sha256, path = Store.open(store_directory).add_file(text.encode(), "two.csv")
    data_page.session_state["data.candidate"] = {
        "path": str(path), "title": "two.csv", "sha256": sha256, "options": {},
    }  # fmt: skip
    data_page.run()
    assert "2 series, 56 rows" in texts(data_page)
    data_page.selectbox(key="data.read.series.station").set_value("None").run()
    assert not data_page.exception
    assert "28 rows repeat a time" in texts(data_page)
    assert "Tell" not in texts(data_page)


def test_the_split_is_saved_at_once(data_page: AppTest, store_directory: Path):
    with_sample(store_directory, "seattle_weather")
    data_page.run()
    data_page.slider[0].set_value((50.0, 75.0)).run()
    assert not data_page.exception
    split = saved(store_directory).split
    assert (split.training, split.validation) == (0.5, 0.25)


def test_moving_one_border_leaves_the_other_to_the_last_digit(
    data_page: AppTest, store_directory: Path
):
    one = sample("seattle_weather")
    source = DataSource(path="sample:seattle_weather", reading=one.reading)
    project = Project(name="x", data=source, split=Split(training=0.70345, validation=0.15678))
    Store.open(store_directory).save_project(WORK, project.model_dump_json(), None)
    data_page.run()
    data_page.slider[0].set_value((70.3, 90.0)).run()
    split = saved(store_directory).split
    assert split.training == 0.70345
    assert split.training + split.validation == pytest.approx(0.9, abs=1e-11)
    data_page.slider[0].set_value((50.0, 90.0)).run()
    split = saved(store_directory).split
    assert split.training == 0.5
    assert split.training + split.validation == pytest.approx(0.9, abs=1e-11)


@pytest.mark.parametrize("number", [0, 1])
def test_a_border_in_per_cent_leaves_the_other_too(
    data_page: AppTest, store_directory: Path, number: int
):
    lines = "".join(f"{n},{n}\n" for n in range(1000))
    sha256, path = Store.open(store_directory).add_file(f"t,a\n{lines}".encode(), "steps.csv")
    source = DataSource(path=str(path), sha256=sha256)
    project = Project(name="x", data=source, split=Split(training=0.70345, validation=0.15678))
    Store.open(store_directory).save_project(WORK, project.model_dump_json(), None)
    data_page.run()
    data_page.number_input[number].set_value([60.0, 90.0][number]).run()
    split = saved(store_directory).split
    kept = [split.training + split.validation, split.training][number]
    assert kept == pytest.approx([0.86023, 0.70345][number], abs=1e-11)


def test_names_are_shown_as_they_are_and_never_as_markdown(
    data_page: AppTest, store_directory: Path
):
    evil = "![x](http://example.org/a.png) `b` [c](http://d)"
    lines = "".join(f"2024-01-{1 + n // 24:02d} {n % 24}:00,{n % 7}\n" for n in range(600))
    lines += "".join(f"2024-02-{day:02d},-999\n" for day in range(1, 9)) + "2024-02-09,oops\n"
    text = f'time,"{evil}"\n{lines}'
    sha256, path = Store.open(store_directory).add_file(text.encode(), "x.csv")
    data_page.session_state["data.candidate"] = {
        "path": str(path), "title": f"{evil}.csv", "sha256": sha256, "options": {},
    }  # fmt: skip
    data_page.run()
    shown = [texts(data_page)]
    _button(data_page, "Treat oops as missing").click().run()
    shown.append(texts(data_page))
    data_page.button(key="data.accept").click().run()
    shown.append(texts(data_page))
    data_page.button(key=f"data.code.{evil}.-999.0").click().run()
    assert not data_page.exception
    shown.append(texts(data_page))
    labels = [button.label for button in data_page.button]
    for text in (*shown, *labels):
        assert not re.search(r"(?<!\\)(\]\(http|`b|\[c)", text), text
    assert "is treated as missing" in shown[-1]


def test_a_file_that_goes_away_while_its_panel_is_at_hand_is_no_crash(
    data_page: AppTest, store_directory: Path
):
    text = "time,a\n" + "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 29))
    sha256, path = Store.open(store_directory).add_file(text.encode(), "gone.csv")
    project = Project(name="x", data=DataSource(path=str(path), sha256=sha256))
    Store.open(store_directory).save_project(WORK, project.model_dump_json(), None)
    data_page.run()
    assert not data_page.exception
    Path(path).unlink()
    data_page.run()
    assert not data_page.exception


def test_an_upload_is_written_once_however_often_the_page_runs(monkeypatch: pytest.MonkeyPatch):
    written, session = [], {}
    given = SimpleNamespace(file_id="1", name="a.csv", getvalue=lambda: b"time,a\n")
    kept = SimpleNamespace(add_file=lambda *content: written.append(content) or ("0", Path("a")))
    monkeypatch.setattr(data_gallery.state, "store", lambda: kept)
    monkeypatch.setattr(data_gallery, "propose", lambda *_: None)
    fake = SimpleNamespace(
        file_uploader=lambda *_, **__: given, session_state=session, rerun=lambda: None
    )
    monkeypatch.setattr(data_gallery, "st", fake)
    for _ in range(3):
        data_gallery.upload()
    assert len(written) == 1


def test_the_split_by_series_starts_with_a_valid_choice(data_page: AppTest, store_directory: Path):
    with_sample(store_directory, "nyc_weather")
    data_page.run()
    data_page.segmented_control[0].set_value("series").run()
    assert not data_page.exception
    split = saved(store_directory).split
    assert split.by == "series"
    assert (split.validation_series, split.test_series) == (("JFK",), ("LGA",))


def test_a_file_that_is_gone_leaves_a_sentence_and_the_gallery(
    data_page: AppTest, store_directory: Path
):
    source = DataSource(path="/nowhere/gone.csv", reading=ReadOptions())
    project = Project(name="gone", data=source)
    Store.open(store_directory).save_project(WORK, project.model_dump_json(), None)
    data_page.run()
    assert not data_page.exception
    assert "There is no file" in texts(data_page)
    assert any(button.label == "Use this sample" for button in data_page.button)


def _button(data_page: AppTest, label: str):
    return next(button for button in data_page.button if button.label == label)
