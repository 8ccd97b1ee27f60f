"""`python -m tests [pytest's arguments]`: make the environment, then run the tests in it."""

import sys


def main() -> int:
    """Run pytest without a screen and without a network. Returns its exit code."""
    import os

    import pytest

    from studio.bootstrap import qt
    from studio.bootstrap.progress import Progress

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    with Progress() as progress:
        qt.require_libraries(progress)
    return int(pytest.main(sys.argv[1:]))


if __name__ == "__main__":
    from studio.bootstrap import lacking

    if lacking():
        sys.exit(lacking())

    from studio.bootstrap.entry import prepared

    sys.exit(prepared(main, extras=("test",)))
