"""The language of expression rules: one condition on channels and clock, checked before it is run.

The way of a text: `words` splits it and refuses what is no word of the language, `tree` has it
parsed and checks every node against what is allowed, `evaluation` computes it over the rows of a
panel. Nothing is looked up or called but what the tables of names and functions hold.
"""

from masklab.masks.language.evaluation import evaluate, misfits
from masklab.masks.language.mistakes import LanguageError
from masklab.masks.language.tree import Expression, parse

__all__ = ["Expression", "LanguageError", "evaluate", "misfits", "parse"]
