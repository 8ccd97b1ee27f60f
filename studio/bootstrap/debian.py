"""System packages on Debian and its family: installed as root, named to everyone else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from studio.bootstrap.errors import SetupFailed
from studio.bootstrap.process import run, tail
from studio.bootstrap.progress import Progress

QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def may_install() -> bool:
    """Is this a Debian-family machine whose administrator we are (a container, CI)?"""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None


def command(packages: Sequence[str]) -> list[str]:
    """What installs them."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def need(packages: Sequence[str], lack: str, progress: Progress) -> None:
    """Install these packages because of `lack`, a sentence; or raise it with the line to type."""
    line = " ".join(command(packages))
    if not may_install():
        raise SetupFailed(lack, f"On Debian or Ubuntu: sudo apt-get update && sudo {line}")
    progress.say(lack)
    progress.begin("reading Debian's package lists")
    run(["apt-get", "update"], changed=QUIET)  # an old list may do: what counts is the next step
    progress.begin(f"installing {', '.join(packages)}")
    failed = run(command(packages), changed=QUIET)
    if failed:
        raise SetupFailed(f"{lack} {line} failed.", details=tail(failed))
