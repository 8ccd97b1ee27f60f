"""What the window remembers from the last session."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from studio.core.recipe import dumps
from studio.library.atomic import make_folder, write
from studio.library.folders import Folders


def load_state(folders: Folders) -> dict[str, Any]:
    """The last state saved, or {}. A damaged file is kept aside as state.json.damaged."""
    try:
        state = json.loads(folders.state.read_bytes())
        if isinstance(state, dict):
            return state
    except OSError:
        return {}
    except (ValueError, RecursionError):
        pass
    with suppress(OSError):
        folders.state.replace(folders.state.with_name(folders.state.name + ".damaged"))
    return {}


def save_state(folders: Folders, state: dict[str, Any]) -> None:
    """Raises CannotWrite, and ValueError or TypeError for what JSON cannot hold."""
    text = dumps(state)
    make_folder(folders.data)
    write(folders.state, text.encode("utf-8", "backslashreplace"))
