"""Prompt weights as artists write them: `a (red:1.2) house`."""

from __future__ import annotations

import re

from studio.core.adapters import MOST
from studio.core.prompting.tags import Tag, tags

STEP = 0.1
LOWEST, HIGHEST = 0.1, 2.0
PLAIN = {("(", ")"): 1.1, ("[", "]"): 0.9}
"""Brackets without a number, and the step's nearest to what they weigh."""
_WORD = re.compile(r"[^\s,()\[\]{}|]+")


def weigh(text: str, start: int, end: int, change: float) -> tuple[str, int, int]:
    """Change the weight of text[start:end], or of the word there if that is empty.

    Returns the new text and where its weighted words are now. A weight of 1 has no brackets. Where
    there is no word, nothing changes.
    """
    tag = next((tag for tag in tags(text) if tag.start < start <= end < tag.end), None)
    if tag is not None:
        return _weigh_tag(text, tag, start, change)
    if start == end:
        start, end = _word_at(text, start)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return text, start, end
    words, before, after, weight = text[start:end], text[:start], text[end:], 1.0
    tail = re.match(r":(\d+(?:\.\d+)?)\)|[)\]]", after)
    around = (before[-1:], after[:1])
    escaped = before[-2:-1] == "\\"
    if tail and not escaped and around in (("(", ":"), *PLAIN):
        before, after = before[:-1], after[tail.end() :]
        weight = float(tail[1]) if tail[1] else PLAIN[around]
    weight = round(min(max(weight + change, LOWEST), HIGHEST), 2)
    if weight == 1.0:
        return before + words + after, len(before), len(before) + len(words)
    start = len(before) + 1
    return f"{before}({words}:{weight:g}){after}", start, start + len(words)


def _weigh_tag(text: str, tag: Tag, at: int, change: float) -> tuple[str, int, int]:
    """Change the weight of a LoRA, of both its parts if they are two. The cursor stays in it."""
    one = tag.adapter
    weights = [one.weight] if one.text_weight is None else [one.text_weight, one.weight]
    numbers = (f"{round(min(max(w + change, -MOST), MOST), 2) + 0.0:g}" for w in weights)
    kind = text[tag.start + 1 :].partition(":")[0]
    written = f"<{kind}:{':'.join((one.name, *numbers))}>"
    at = min(at, tag.start + len(written) - 1)
    return text[: tag.start] + written + text[tag.end :], at, at


def _word_at(text: str, position: int) -> tuple[int, int]:
    for word in _WORD.finditer(text):
        if word.start() <= position <= word.end():
            start, end = word.span()
            # Inside "(red:1.2)" the word is "red", not "red:1.2".
            weighted = re.fullmatch(r"(.+):\d+(?:\.\d+)?", word[0])
            inside = start > 0 and text[start - 1] == "(" and text[end : end + 1] == ")"
            return (start, start + len(weighted[1])) if weighted and inside else (start, end)
    return position, position
