"""The way in: from any Python to the environment's, and there to the window or the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from studio.bootstrap.environment import Environment, State
from studio.bootstrap.errors import NoScreen, SetupFailed

ENTERED = "DIFFUSION_STUDIO_ENTERED"
"""Set to the environment's folder while it is entered, so that no damage to it can loop."""


def prepared(
    work: Callable[[], int], extras: Sequence[str] = (), *, needs_screen: bool = False
) -> int:
    """Do `work` in the checkout's environment, made first if need be. Returns its exit code.

    In another Python than the environment's this process becomes (on Windows: waits for) the
    environment's, with the same arguments. Outside a checkout there is nothing to prepare.
    """

    def enter() -> int:
        if needs_screen:
            from studio.bootstrap import qt

            qt.require_screen()
        environment = Environment.of_checkout()
        entered = os.environ.pop(ENTERED, "")
        if environment is None or (environment.running() and not extras):
            return work()
        if entered == str(environment.folder) and not environment.running():
            environment.stamp.unlink(missing_ok=True)
            raise SetupFailed(f"The Python in {entered} is damaged.", "Start again to renew it.")
        return _settle(environment, work, extras)

    return told(enter)


def told(work: Callable[[], int]) -> int:
    """Do `work` and return its exit code; what hinders it is told in a sentence."""
    try:
        return work()
    except (NoScreen, SetupFailed) as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _settle(environment: Environment, work: Callable[[], int], extras: Sequence[str]) -> int:
    """Make the environment ready and go on in it; once more if its Python turns out damaged."""
    for last in (False, True):
        if environment.verdict(extras).state is not State.READY:
            from studio.bootstrap import install

            install.make(environment, extras)
        if environment.running():
            return work()
        try:
            return _enter(environment)
        except OSError as error:
            environment.stamp.unlink(missing_ok=True)
            if last:
                raise SetupFailed(
                    f"{error.filename or environment.python} cannot be run."
                ) from error
    raise AssertionError("the second try returns or raises")


def _enter(environment: Environment) -> int:
    """Go on in the environment's Python with this process's own arguments, or raise OSError."""
    os.environ[ENTERED] = str(environment.folder)
    command = [str(environment.python), *sys.orig_argv[1:]]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        import subprocess

        return subprocess.call(command)
    os.execv(command[0], command)


def command_line(arguments: list[str]) -> int:
    """`studio.cli`, without a window or Qt."""
    from studio.cli import main

    return main(arguments)


def window() -> int:
    """`studio.app`, once there is a screen and all that Qt needs."""
    from studio.bootstrap import qt
    from studio.bootstrap.progress import Progress

    def ready() -> int:
        qt.require_screen()
        with Progress() as progress:
            qt.require_libraries(progress)
        return 0

    hindered = told(ready)
    if hindered:
        return hindered
    from studio.app import main

    return main([])
