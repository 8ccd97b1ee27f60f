"""`python -m studio`: the window without arguments, the command line with them.

Also what the installed `studio` command calls. From a checkout it makes its environment first.
Written so that any Python 3 can read it, and be told what it lacks.
"""

import sys


def main() -> int:
    """Open the window, or do what the arguments say. Returns the exit code."""
    from studio.bootstrap.entry import command_line, window

    return command_line(sys.argv[1:]) if sys.argv[1:] else window()


if __name__ == "__main__":
    from studio.bootstrap import lacking

    if lacking():
        sys.exit(lacking())

    from studio.bootstrap.entry import prepared

    sys.exit(prepared(main, needs_screen=not sys.argv[1:]))
