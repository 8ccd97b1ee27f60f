r"""Prompt weights and breaks, in the grammar of AUTOMATIC1111's web UI.

`(words)` count 1.1 times, `[words]` a 1.1th, `(words:1.3)` 1.3 times; brackets in brackets
multiply. `BREAK` begins a new part of the prompt, for encoders that read one in parts. `\(`, `\[`,
`\{`, `\<`, `\|`, `\\`, `\__` and `\BREAK` are the signs themselves.

Where that web UI guesses we take what was typed: a bracket that is never closed, or closed and
never opened, is a bracket (there it weighs the rest, or is dropped), and so is a backslash before
anything else. ComfyUI reads the same but has no `[words]`; InvokeAI's `word+` and Krita's `word:1`
are words here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from studio.core.prompting.traced import Traced, join

ROUND = 1.1
MOST = 10.0
HUGE = 1e6
"""What brackets in brackets come to at most, so that 0 times it is 0."""
SIGNS = r"\\()\[\]{}|<>"
"""What a backslash takes the meaning of, as the inside of a set of a regular expression."""

_TOKEN = re.compile(
    rf"\\(?:[{SIGNS}]|__|BREAK\b)"
    r"|[(\[\])]"
    r"|:\s*(?P<weight>[+-]?(?:\d+\.?\d*|\.\d+))\s*\)"
    r"|[^\\()\[\]:]+"
    r"|[\\:]"
)
_BREAK = re.compile(r"\s*\bBREAK\b\s*")


@dataclass(frozen=True)
class Part:
    """Words of one weight, −`MOST` to `MOST`. `where`: see `Traced`."""

    text: str
    weight: float
    where: tuple[int, ...]


Section = tuple[Part, ...]
"""What is between two breaks."""


def parse(prompt: str | Traced) -> tuple[Section, ...]:
    """The prompt's sections, one at least. Anything can be typed: what is no syntax is words."""
    traced = Traced.typed(prompt) if isinstance(prompt, str) else prompt
    sections: list[list[tuple[list[Traced], float]]] = [[]]
    for words, weight in _weighted(traced):
        if words is None:
            sections.append([])
        elif not words.text:
            continue
        elif sections[-1] and sections[-1][-1][1] == weight:
            sections[-1][-1][0].append(words)
        else:
            sections[-1].append(([words], weight))
    return tuple(tuple(_part(words, weight) for words, weight in each) for each in sections)


def _part(words: list[Traced], weight: float) -> Part:
    whole = join(words)
    return Part(whole.text, weight, whole.where)


def plain(sections: tuple[Section, ...]) -> Iterator[Part]:
    """All parts in order, for encoders that read a prompt as one: a break is a space."""
    for number, section in enumerate(sections):
        if number and section:
            yield Part(" ", 1.0, section[0].where[:1])
        yield from section


def brackets(prompt: str) -> Iterator[tuple[int, int]]:
    """The places [start, end) of brackets that weigh something, with their numbers."""
    tokens = list(_TOKEN.finditer(prompt))
    for number in sorted(sum(_pairs(tokens).items(), ())):
        yield tokens[number].span()


def _weighted(traced: Traced) -> Iterator[tuple[Traced | None, float]]:
    """Runs of text with their weights, and None for a break."""
    tokens = list(_TOKEN.finditer(traced.text))
    pairs = _pairs(tokens)
    closing = set(pairs.values())
    factors = {"(": [1.0], "[": [1.0]}
    for number, token in enumerate(tokens):
        weight = min(max(factors["("][-1] * factors["["][-1], -MOST), MOST)
        sign = token[0]
        if number in pairs:
            factor = factors[sign][-1] * _factor(tokens[pairs[number]])
            factors[sign].append(min(max(factor, -HUGE), HUGE))
        elif number in closing:
            factors["[" if sign == "]" else "("].pop()
        elif len(sign) > 1 and sign[0] == "\\":
            yield traced[token.start() + 1 : token.end()], weight
        else:
            at = token.start()
            for stop in _BREAK.finditer(sign):
                yield traced[at : token.start() + stop.start()], weight
                yield None, weight
                at = token.start() + stop.end()
            yield traced[at : token.end()], weight


def _pairs(tokens: list[re.Match[str]]) -> dict[int, int]:
    """The bracket that closes each bracket, by their numbers among the tokens."""
    pairs: dict[int, int] = {}
    opened: dict[str, list[int]] = {"(": [], "[": []}
    for number, token in enumerate(tokens):
        sign = token[0]
        if sign in opened:
            opened[sign].append(number)
        elif sign[-1] in ")]" and sign[0] != "\\":
            waiting = opened["[" if sign == "]" else "("]
            if waiting:
                pairs[waiting.pop()] = number
    return pairs


def _factor(closing: re.Match[str]) -> float:
    if closing["weight"]:
        return float(closing["weight"])
    return ROUND if closing[0] == ")" else 1 / ROUND
