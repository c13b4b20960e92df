"""The base of lessons: a goal, a prediction that the learner makes first, controls, what happens, why.

One file each; the fields of a lesson are its controls, and they alone with the seed make its result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from masklab.catalogue import members
from masklab.lessons.result import Result


@dataclass(frozen=True)
class Question:
    """Choices, which one is right (from 0), and for each choice why it is or isn't."""

    text: str
    choices: tuple[str, ...]
    right: int
    why: tuple[str, ...]


class Lesson(BaseModel, ABC):
    """A lesson; `kind` is its name in the address.

    A control is a field with a title and a docstring (its help). `run` takes at most three seconds
    on one core, imports torch only inside, and gives the same bits for the same fields.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    number: ClassVar[int]
    """Its place in the course."""
    title: ClassVar[str]
    goal: ClassVar[str]
    """One sentence: what one can do or tell afterwards."""
    prediction: ClassVar[Question]
    """What the learner is asked before anything is shown."""
    happens: ClassVar[str]
    """What to look at in the pictures; it names what is on screen."""
    why: ClassVar[str]
    """The reason, in a short paragraph; Markdown, with the formula where there is one."""
    quiz: ClassVar[Question]
    source: ClassVar[str]
    """Who said so, where."""
    link: ClassVar[str]
    """The paper's or documentation's address."""
    minutes: ClassVar[int]
    """How long it takes in a class."""

    seed: int = Field(default=0, ge=0, le=9999, title="Seed")
    """Draws data, masks and initial weights anew."""

    @abstractmethod
    def run(self) -> Result:
        """Train or compute, and return what is to be seen."""


def lessons() -> dict[str, type[Lesson]]:
    """Return the lessons by kind, in the order of the course."""
    found = members("masklab.lessons", Lesson)
    return dict(sorted(found.items(), key=lambda item: item[1].number))
