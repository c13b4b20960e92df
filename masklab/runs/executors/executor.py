"""The base of all executors: who trains the runs that wait in a store."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from masklab.runs.store import Store


class Executor(BaseModel, ABC):
    """Something that takes waiting runs from a store; members carry a literal `kind`.

    A setting with a `title` can be changed in the app; its docstring is the help.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
    )

    title: ClassVar[str]

    @abstractmethod
    def ensure(self, store: Store) -> None:
        """See to it that the store's waiting runs get trained; return at once, and often called."""
