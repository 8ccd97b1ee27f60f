"""Prompt weights as artists write them: `a (red:1.2) house`."""

from __future__ import annotations

import re

STEP = 0.1
LOWEST, HIGHEST = 0.1, 2.0
_WORD = re.compile(r"[^\s,()]+")


def weigh(text: str, start: int, end: int, change: float) -> tuple[str, int, int]:
    """Change the weight of text[start:end], or of the word there if that is empty.

    Returns the new text and where its weighted words are now. A weight of 1 has no brackets. Where
    there is no word, nothing changes.
    """
    if start == end:
        start, end = _word_at(text, start)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        return text, start, end
    words, before, after, weight = text[start:end], text[:start], text[end:], 1.0
    tail = re.match(r":(\d+(?:\.\d+)?)\)", after)
    if before.endswith("(") and tail:
        before, after, weight = before[:-1], after[tail.end() :], float(tail[1])
    weight = round(min(max(weight + change, LOWEST), HIGHEST), 2)
    if weight == 1.0:
        return before + words + after, len(before), len(before) + len(words)
    start = len(before) + 1
    return f"{before}({words}:{weight:g}){after}", start, start + len(words)


def _word_at(text: str, position: int) -> tuple[int, int]:
    for word in _WORD.finditer(text):
        if word.start() <= position <= word.end():
            start, end = word.span()
            # Inside "(red:1.2)" the word is "red", not "red:1.2".
            weighted = re.fullmatch(r"(.+):\d+(?:\.\d+)?", word[0])
            inside = start > 0 and text[start - 1] == "(" and text[end : end + 1] == ")"
            return (start, start + len(weighted[1])) if weighted and inside else (start, end)
    return position, position
