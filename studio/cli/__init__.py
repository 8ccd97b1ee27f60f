"""The same engine without a window: `python -m studio COMMAND`."""

from studio.cli.main import main

__all__ = ["main"]
