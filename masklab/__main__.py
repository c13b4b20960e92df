"""`python -m masklab`: the same as the command `masklab`."""

from __future__ import annotations

from masklab.cli import main

if __name__ == "__main__":
    main()
