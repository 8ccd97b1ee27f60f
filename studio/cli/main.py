"""Where the command line begins and every error ends: one line, exit code 1 or 2."""

from __future__ import annotations

import logging
import os
import sys
import warnings

from studio.cli import models, pictures
from studio.cli.parser import build
from studio.core.errors import BadInput, Cancelled, StudioError

COMMANDS = {
    "generate": pictures.generate,
    "branch": pictures.branch,
    "replay": pictures.replay,
    "inspect": pictures.inspect,
    "models": models.models,
    "doctor": models.doctor,
}


def main(argv: list[str]) -> int:
    """Run one command; returns the exit code: 0 done, 1 failed, 2 bad arguments, 130 cancelled."""
    quiet_libraries()
    try:
        args = build(COMMANDS).parse_args(argv)
        return int(args.do(args))
    except StudioError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 2 if isinstance(error, BadInput) else 1
    except (Cancelled, KeyboardInterrupt):
        print("studio: Cancelled; nothing was saved.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; writing more would only raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def quiet_libraries() -> None:
    """Keep libraries' progress bars and advice off the person's screen."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    os.environ.setdefault("TQDM_DISABLE", "1")
    logging.getLogger("torch").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
