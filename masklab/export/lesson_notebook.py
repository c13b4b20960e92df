"""A lesson as a Jupyter notebook: its words, the code that runs it again, and its result as CSV."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from masklab.lessons.lesson import Lesson
from masklab.lessons.result import Bars, Code, Heat, Lines, Picture, Result, Table
from masklab.lessons.saving import lesson_kind


def lesson_notebook(lesson: Lesson, result: Result) -> str:
    """Return the notebook (nbformat 4.5) of a lesson with its fields as they are."""
    kind = lesson_kind(lesson)
    fields = lesson.model_dump(exclude={"kind"})
    given = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    cells = [
        _words(
            f"# {lesson.number}. {lesson.title}\n\nGoal: {lesson.goal}\n\n"
            f"**{lesson.prediction.text}**\n\n{_listed(lesson.prediction.choices)}"
        ),
        _code("# pip install masklab\nimport io\n\nimport pandas as pd"),
        _words(
            "## Run it again\n\nChange a number and see what follows. The same fields give the same bits."
        ),
        _code(
            "from masklab.lessons.lesson import lessons\n\n"
            f'lesson = lessons()["{kind}"]({given})\nresult = lesson.run()\nprint(result.says)'
        ),
        _words(f"## What came of it here\n\n{result.says}\n\nThe same numbers without MaskLab:"),
    ]
    for picture in result.pictures:
        cells += _of(picture)
    cells.append(
        _words(
            f"## What happens\n\n{lesson.happens}\n\n## Why\n\n{lesson.why}\n\nSource: [{lesson.source}]({lesson.link})"
        )
    )
    quiz = lesson.quiz
    cells.append(
        _words(
            f"## To check\n\n**{quiz.text}**\n\n{_listed(quiz.choices)}\n\nAnswer: {quiz.choices[quiz.right]}. {quiz.why[quiz.right]}"
        )
    )
    for number, cell in enumerate(cells):
        cell["id"] = f"{kind}-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(book, indent=1, ensure_ascii=False)


def _of(picture: Picture) -> list[dict[str, Any]]:
    if isinstance(picture, Code):
        return [_words(f"### {picture.title}\n\n```python\n{picture.text}\n```")]
    text = frame_of(picture).to_csv(index=False)
    name = "".join(one if one.isalnum() else "_" for one in picture.title.lower()).strip("_")
    return [
        _words(f"### {picture.title}"),
        _code(f'{name} = pd.read_csv(io.StringIO("""\\\n{text}"""))\n{name}'),
    ]


def frame_of(picture: Lines | Heat | Bars | Table) -> pd.DataFrame:
    """Return a picture's numbers as a table."""
    if isinstance(picture, Table):
        return pd.DataFrame(list(picture.rows), columns=list(picture.columns))
    if isinstance(picture, Lines):
        return pd.DataFrame({picture.x_title: picture.x, **picture.lines})
    if isinstance(picture, Bars):
        found = {picture.x_title: list(picture.bars), picture.y_title: list(picture.bars.values())}
        return pd.DataFrame(found)
    rows, columns = picture.values.shape
    titles = list(picture.columns) or [str(one) for one in np.arange(1, columns + 1)]
    frame = pd.DataFrame(picture.values, columns=titles)
    frame.insert(0, picture.y_title, list(picture.rows) or np.arange(1, rows + 1))
    return frame


def _listed(choices: tuple[str, ...]) -> str:
    return "\n".join(f"{place}. {choice}" for place, choice in enumerate(choices, start=1))


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
    }
