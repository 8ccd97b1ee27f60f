"""Where the command line begins and every error ends: one line, exit code 1 or 2."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from pathlib import Path

from studio.cli import branching, explaining, exports, models, pictures
from studio.cli.parser import build
from studio.core.errors import BadInput, Cancelled, StudioError

COMMANDS = {
    "generate": pictures.generate,
    "branch": branching.branch,
    "replay": pictures.replay,
    "export": exports.export,
    "explain": explaining.explain,
    "inspect": pictures.inspect,
    "models": models.models,
    "doctor": models.doctor,
}


def main(argv: list[str]) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 bad arguments, 130 cancelled."""
    quiet_libraries()
    print_anything()
    try:
        return _done(argv)
    except StudioError as error:
        print(f"studio: {_line(error)}", file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    except (Cancelled, KeyboardInterrupt):
        print("studio: Cancelled.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _drop_output()
        return 1
    except OSError as error:
        _drop_output()
        where = f"{error.filename}: " if error.filename else ""
        print(f"studio: {where}{error.strerror or error}.", file=sys.stderr)
        return 1
    except MemoryError:
        print("studio: There is not enough memory. Close other programs.", file=sys.stderr)
        return 1


def _done(argv: list[str]) -> int:
    try:
        args = build(COMMANDS).parse_args(argv)
        return int(args.do(args))
    finally:
        # Here, where a full disk or a reader who has gone can still be told of.
        sys.stdout.flush()


def _line(error: StudioError) -> str:
    """One line, whatever names and texts are quoted in it."""
    return " ".join(str(error).split())


def _drop_output() -> None:
    """What could not be printed would only raise again at exit."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def print_anything() -> None:
    """Show what the terminal's encoding lacks as an escape: a name on disk may hold any bytes.

    A stream that was closed before the start becomes one that nobody reads.
    """
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115 - for good
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115 - for good
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def quiet_libraries() -> None:
    """Keep libraries' progress bars and advice off the person's screen."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("TQDM_DISABLE", "1")
    logging.getLogger("torch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
