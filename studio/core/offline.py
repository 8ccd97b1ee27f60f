"""Whether the network may be used: one answer for the program and for every library in it.

The answer is the environment variable that Hugging Face's libraries read too, so that none of
them can be forgotten.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "HF_HUB_OFFLINE"
TRUE = {"1", "ON", "YES", "TRUE"}
PREFERENCE = "“Never use the network” in the preferences"

_ours = False


def why_offline() -> str:
    """What forbids the network, in words to put into a sentence; "" if it may be used."""
    if os.environ.get(VARIABLE, "").upper() not in TRUE:
        return ""
    return PREFERENCE if _ours else VARIABLE


def never_use_network(on: bool) -> None:
    """Obey the preference. A variable that the person has set themselves stays as it is."""
    global _ours
    if on and not why_offline():
        os.environ[VARIABLE] = "1"
        _ours = True
    elif not on and _ours:
        os.environ.pop(VARIABLE, None)
        _ours = False
    library = sys.modules.get("huggingface_hub.constants")
    if library is not None:  # it reads the variable once, when it is imported
        vars(library)[VARIABLE] = bool(why_offline())
