"""Prompts of records from before there was more than `(words:1.2)`, as they are written now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from studio.core.prompting.tags import tags
from studio.core.prompting.weights import parse
from studio.core.prompting.wildcards import has_wildcards

_WEIGHTED = re.compile(r"\(([^()]*?):\s*(\d+(?:\.\d+)?|\.\d+)\s*\)")
_SIGN = re.compile(r"[\\()\[\]{}|<>]|__|\bBREAK\b")
ROLES = ("prompt", "negative_prompt")


def renewed(prompt: str) -> str:
    """The prompt that means now what this one meant then; itself wherever that is the same."""
    parts, wanted, at = [], "", 0
    for match in _WEIGHTED.finditer(prompt):
        parts += [_literal(prompt[at : match.start()]), f"({_literal(match[1])}:{match[2]})"]
        wanted += prompt[at : match.start()] + match[1]
        at = match.end()
    parts.append(_literal(prompt[at:]))
    wanted += prompt[at:]
    now = parse(prompt)
    same = len(now) == 1 and "".join(part.text for part in now[0]) == wanted
    return prompt if same and not has_wildcards(prompt) and not tags(prompt) else "".join(parts)


def renewed_recipe(data: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's JSON with its prompts, and those of its edits, renewed."""
    edits = [
        {**edit, "changes": _renewed(edit["changes"])} if "changes" in edit else edit
        for edit in data.get("edits", ())
    ]
    return _renewed(data) | ({"edits": edits} if edits else {})


def _renewed(data: Mapping[str, Any]) -> dict[str, Any]:
    return dict(data) | {role: renewed(data[role]) for role in ROLES if role in data}


def _literal(text: str) -> str:
    return _SIGN.sub(r"\\\g<0>", text)
