r"""Wildcards: places in a prompt where each seed chooses for itself.

`{red|green|blue}` is one of them, `{2$$a|b|c}` two different ones with ", " between, `{1-2$$ and
$$a|b|c}` one or two with " and ". `{3::red|blue}` is red three times as often. `__colour__` is a
line of the file colour.txt, `__animals/*__` one of any file in the folder animals; lines that are
empty or begin with # do not count. A choice can hold further ones. The grammar is that of the
dynamic prompts extension of AUTOMATIC1111's web UI.

A backslash before `{`, `|`, `}` or `__` takes their meaning. What is no wildcard, as one of an
unknown file, stays as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from studio.core.prompting.traced import Traced, join

Lines = Callable[[str], Sequence[str]]
"""The lines to choose from under a name; () if there are none."""

DEEPEST = 16
"""Wildcards in wildcards are opened so deep: a file can name itself. Nor are braces read deeper."""
LONGEST = 20_000
"""Letters, beyond which no more wildcards are opened."""

ALL = 1000
"""More than there are options: a count is of three digits."""

_FILE = re.compile(r"__((?!_)[\w\-./*]{1,100}?(?<!_))__")
_SIGN = re.compile(rf"\\(?:__|.)|[{{|}}]|{_FILE.pattern}", re.DOTALL)
_COUNT = re.compile(r"\s*(?:(\d{1,3})?\s*(-))?\s*(\d{1,3})?\s*$")
_WEIGHT = re.compile(r"\s*(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})::")


def has_wildcards(prompt: str) -> bool:
    """Whether anything in it may be chosen by the seed."""
    return any(sign[0] == "{" or sign[1] for sign in _SIGN.finditer(prompt))


def marks(prompt: str) -> Iterator[tuple[int, int, bool]]:
    """The places [start, end) of signs that mean a choice, and of names of files (True)."""
    signs = list(_SIGN.finditer(prompt))
    closing = _closing(signs)
    for number, sign in enumerate(signs):
        if sign[1]:
            yield *sign.span(), True
        last = closing.get(number)
        if last is None:
            continue
        bars = _bars(signs[number + 1 : last])
        edge = bars[0][0] if bars else signs[last].start()
        count = _count(prompt[sign.end() : edge])
        if bars or count is not None:
            yield sign.start(), sign.end() + (count.length if count else 0), False
            yield from ((start, end, False) for start, end in bars)
            yield *signs[last].span(), False


def choose(prompt: str, seed: int, role: str, lines: Lines) -> Traced:
    """The prompt as this seed has it; the same for the same four. `role` tells apart prompts of
    one picture, which choose independently."""
    # Python keeps what `random` gives for a seed the same from version to version.
    return _Chooser(Random(f"{role}/{seed}"), lines).open(Traced.typed(prompt), 0)


class _Chooser:
    def __init__(self, random: Random, lines: Lines) -> None:
        self._random, self._lines = random, lines
        self._length = 0

    def open(self, text: Traced, depth: int) -> Traced:
        """`text` with its wildcards replaced."""
        if depth > DEEPEST or self._length + len(text) > LONGEST:
            return text
        found: list[Traced] = []
        at = 0
        signs = list(_SIGN.finditer(text.text))
        closing = _closing(signs)
        number = 0
        while number < len(signs):
            sign, last = signs[number], closing.get(number)
            chosen = None
            if last is not None:
                inside = signs[number + 1 : last]
                chosen = self._choice(text[sign.end() : signs[last].start()], inside, sign, depth)
            elif sign[1]:
                chosen = self._line(sign[1], text.where[sign.start()], depth)
            if chosen is not None:
                stop = signs[last] if last is not None else sign
                found += [text[at : sign.start()], chosen]
                at = stop.end()
                number = last if last is not None else number
            number += 1
        return join([*found, text[at : len(text)]])

    def _choice(
        self, inside: Traced, signs: list[re.Match[str]], opening: re.Match[str], depth: int
    ) -> Traced | None:
        """Of what stands in braces; None if it is no choice."""
        options = _divided(inside, signs, opening.end())
        count = _count(options[0].text)
        if count is None and len(options) == 1:
            return None
        count = count or _Count(1, 1, ", ", 0)
        options[0] = options[0][count.length :]
        wanted = min(self._whole(count.least, count.most), len(options))
        where = inside.where[0] if inside.where else 0
        chosen: list[Traced] = []
        for option in self._sample(options, wanted):
            if chosen:
                chosen.append(Traced.from_elsewhere(count.between, where))
            chosen.append(self.open(option, depth + 1))
        self._length += sum(map(len, chosen))
        return join(chosen)

    def _line(self, name: str, where: int, depth: int) -> Traced | None:
        lines = [Traced.from_elsewhere(line, where) for line in self._lines(name)]
        if not lines:
            return None
        chosen = self.open(self._sample(lines, 1)[0], depth + 1)
        self._length += len(chosen)
        return chosen

    def _sample(self, options: Sequence[Traced], count: int) -> list[Traced]:
        """Different ones, in the order drawn, each as likely as its weight says."""
        left = [_weighed(option) for option in options]
        drawn: list[Traced] = []
        for _ in range(count):
            total = sum(weight for weight, _ in left)
            at = self._random.random() * total
            place = 0
            while place < len(left) - 1 and at >= left[place][0]:
                at -= left[place][0]
                place += 1
            drawn.append(left.pop(place)[1])
        return drawn

    def _whole(self, least: int, most: int) -> int:
        least, most = min(least, most), max(least, most)
        return least + int(self._random.random() * (most - least + 1)) if most > least else least


@dataclass(frozen=True)
class _Count:
    """How many different ones are chosen, and what stands between them. `length`: of the letters
    that say so."""

    least: int
    most: int
    between: str
    length: int


def _count(option: str) -> _Count | None:
    """What the first option begins with, if that is a count."""
    parts = option.split("$$", 2)
    count = _COUNT.match(parts[0]) if len(parts) > 1 else None
    if count is None or not (count[2] or count[3]):
        return None
    least = int(count[1] or 0) if count[2] else int(count[3])
    between = parts[1] if len(parts) == 3 else ", "
    return _Count(least, int(count[3] or ALL), between, len(option) - len(parts[-1]))


def _closing(signs: Sequence[re.Match[str]]) -> dict[int, int]:
    """The brace that closes each brace, by their numbers."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for number, sign in enumerate(signs):
        if sign[0] == "{":
            opened.append(number)
        elif sign[0] == "}" and opened:
            if len(opened) <= DEEPEST:
                pairs[opened[-1]] = number
            opened.pop()
    return pairs


def _bars(signs: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    """The places of the bars that are in no further braces."""
    closing, number = _closing(signs), 0
    bars: list[tuple[int, int]] = []
    while number < len(signs):
        if signs[number][0] == "|":
            bars.append(signs[number].span())
        number = closing.get(number, number) + 1
    return bars


def _divided(inside: Traced, signs: Sequence[re.Match[str]], start: int) -> list[Traced]:
    """At its bars. `start`: where `inside` begins for `signs`."""
    bars = _bars(signs)
    edges = [0, *(place - start for bar in bars for place in bar), len(inside)]
    return [inside[edges[i] : edges[i + 1]] for i in range(0, len(edges), 2)]


def _weighed(option: Traced) -> tuple[float, Traced]:
    weight = _WEIGHT.match(option.text)
    return (float(weight[1]), option[weight.end() :]) if weight else (1.0, option)
