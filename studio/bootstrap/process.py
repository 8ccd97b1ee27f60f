"""Running a tool and reading what it says while it works."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence

from studio.bootstrap.errors import SetupFailed

SHOWN = 12


def run(
    command: Sequence[str],
    *,
    keep_open: int | None = None,
    changed: Mapping[str, str | None] | None = None,
    each: Callable[[str], None] = lambda line: None,
) -> list[str]:
    """Run it; `each` gets every line it prints. Returns [] if it went well, else all its lines.

    `keep_open` is a descriptor that the tool inherits. `changed` are environment variables to set,
    or to take away (None). The tool ends with us, however we end.
    """
    environment = {**os.environ, **(changed or {})}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={name: value for name, value in environment.items() if value is not None},
            pass_fds=() if os.name == "nt" or keep_open is None else (keep_open,),
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        raise SetupFailed(f"{command[0]} cannot be run: {error.strerror}.") from error
    lines = []
    with process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(line.rstrip())
                each(lines[-1])
        except BaseException:
            process.terminate()
            raise
    return (lines or [f"{command[0]} ended with {process.returncode}."]) * bool(process.returncode)


def tail(lines: Sequence[str]) -> str:
    """The last lines worth showing."""
    telling = [line for line in lines if line and not line.startswith("Progress ")]
    return "\n".join(telling[-SHOWN:])
