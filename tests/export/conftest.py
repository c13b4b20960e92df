"""A store with an experiment whose epochs were written without training."""

from __future__ import annotations

from tests.ui.conftest import experiment, project, store, table

__all__ = ["experiment", "project", "store", "table"]
