"""Parts of an exported script. They are read as text, never imported: see `assembly`.

Each file is real Python, so that ruff and mypy read it too. What stands before its first `# %%` is
left out, but for imports of torch, numpy, pandas and the standard library. Lines between `# if: …`
and `# end` go into a script where one of the words holds for its run.
"""
