"""Making the environment: a fresh `.venv`, the pinned packages, the checkout on its path."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from studio.bootstrap import debian
from studio.bootstrap.environment import PYTHON, Environment, State
from studio.bootstrap.errors import SetupFailed
from studio.bootstrap.lock import only_one
from studio.bootstrap.pip_output import NO_NETWORK, Reader, reason
from studio.bootstrap.process import run, tail
from studio.bootstrap.progress import Progress

PATH_FILE = "diffusion-studio.pth"
"""Puts the checkout on the environment's path: nothing of the project is built or copied."""

ENVIRONMENT = {"PIP_USER": "0", "PIP_TARGET": None, "PIP_PREFIX": None, "PIP_ROOT": None}
"""A person's own settings of pip hold (registry, certificates), except those of where to."""


def make(environment: Environment, extras: Iterable[str]) -> None:
    """Make it ready for the app and these extras, or raise SetupFailed.

    Extras that were there before stay. Of two starts at once the second waits for the first.
    """
    with Progress() as progress:
        waiting = "Another start is setting up Diffusion Studio; waiting for it …"
        lock_file = environment.root / ".venv.lock"
        with only_one(lock_file, lambda: progress.say(waiting)) as lock:
            verdict = environment.verdict(extras)
            if verdict.state is State.READY:
                return
            wanted = sorted(environment.extras() | set(extras))
            if verdict.state is State.REMAKE and not environment.running():
                because = f" again: the one there {verdict.reason}" if verdict.reason else ""
                progress.say(f"Making the environment in {environment.folder}{because}.")
                _fresh(environment, progress, lock)
            else:
                progress.say(f"Updating the environment: it {verdict.reason}.")
                environment.stamp.unlink(missing_ok=True)
            _install(environment, wanted, progress, lock)
            path_file = environment.packages / PATH_FILE
            path_file.write_text(f"{environment.root}\n", encoding="utf-8")
            environment.finish(wanted)
            progress.say(f"Ready, after {progress.elapsed}.")


def requirements(project: Path, extras: Iterable[str]) -> list[str]:
    """The dependencies that a pyproject.toml names, with those of the extras."""
    try:
        table = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
        optional = table.get("optional-dependencies", {})
        return [*table.get("dependencies", ()), *(r for extra in extras for r in optional[extra])]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise SetupFailed(
            f"{project} cannot be read: {error}.", "Get the checkout anew."
        ) from error


def _fresh(environment: Environment, progress: Progress, lock: int) -> None:
    """An empty virtual environment with a pip in it, whatever was there."""
    progress.begin("making an empty environment")
    folder = environment.folder
    try:
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
    except OSError as error:
        raise SetupFailed(
            f"{folder} cannot be removed: {error.strerror}.",
            "Close what uses it, delete the folder and start again.",
        ) from error
    if importlib.util.find_spec("ensurepip") is None:
        debian.need(
            [f"python{PYTHON}-venv"], "This Python comes without ensurepip and venv.", progress
        )
    failed = run([sys.executable, "-I", "-m", "venv", str(folder)], keep_open=lock)
    if failed:
        raise SetupFailed("Python's venv module failed.", details=tail(failed))


def _install(environment: Environment, extras: list[str], progress: Progress, lock: int) -> None:
    """Install what the project requires, at the pinned versions, with pip."""
    wanted = requirements(environment.project, extras)
    if not wanted:
        return
    pip = [str(environment.python), "-I", "-m", "pip", "install", "--no-input"]
    pip += ["--disable-pip-version-check", "--no-warn-script-location"]
    pip += ["-c", str(environment.constraints)]
    progress.begin("updating pip")
    failed = run([*pip, "--progress-bar=off", "pip>=25"], keep_open=lock, changed=ENVIRONMENT)
    # An older pip will do, but cannot tell how far a download is.
    bar = "off" if failed else "raw"
    if not (failed and reason(failed) == NO_NETWORK):
        reader = Reader(progress, pins(environment.constraints, extras), environment.packages)
        command = [*pip, f"--progress-bar={bar}", *wanted]
        failed = run(command, keep_open=lock, changed=ENVIRONMENT, each=reader.line)
        reader.close()
    if failed:
        message, hint = reason(failed)
        raise SetupFailed(message, hint, "" if message == NO_NETWORK[0] else tail(failed))


def pins(constraints: Path, extras: Iterable[str]) -> int:
    """How many packages the constraints pin for these: about as many are going to be installed."""
    text = constraints.read_text(encoding="utf-8")
    if not set(extras):
        text = text.partition("# the tests")[0]
    return len(re.findall(r"^[\w.-]+==", text, re.MULTILINE))
