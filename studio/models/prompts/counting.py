"""How many tokens a prompt is to a model that is not loaded. Needs its tokenizer only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.core.errors import CannotLoad
from studio.core.model_info import Abilities, ModelInfo
from studio.core.prompting.traced import Traced
from studio.core.prompting.weights import parse, plain
from studio.models.prompts.chunks import HOW, chunks
from studio.models.source import open_source

WORDS = "\ue000"
"""A letter that nobody writes, in the place of a prompt in a template."""


@dataclass(frozen=True)
class Tally:
    """See `studio.core.counting.Counted`."""

    tokens: int
    room: int
    parts: int = 1
    turns: tuple[int, ...] = ()
    cut: int = -1


def tokenizer_of(info: ModelInfo) -> Any:
    """The tokenizer that counts for this model; None if its prompts are no tokens.

    Raises CannotLoad if it cannot be read.
    """
    part = info.abilities.tokenizer
    if info.path is None or not part or not info.abilities.prompt:
        return None
    import transformers

    source = open_source(info.path)
    kind = getattr(transformers, source.parts.get(part, ""), None)
    if kind is None:
        raise CannotLoad(f"{info.title} has no tokenizer that is known.")
    try:
        return source.tokenizer(part, kind)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotLoad(f"The tokenizer of {info.title} cannot be read.") from error


def tally(prompt: Traced, tokenizer: Any, abilities: Abilities) -> Tally:
    """What a prompt without wildcards and tags comes to."""
    sections = parse(prompt)
    if abilities.chunks:
        found = chunks(sections, tokenizer, abilities.max_tokens)
        turns = tuple(chunk[0].at for chunk in found[1:] if chunk)
        room = (abilities.max_tokens - 2) * len(found)
        return Tally(sum(map(len, found)), room, len(found), turns)
    parts = list(plain(sections))
    text = "".join(part.text for part in parts).encode("utf-8", "replace").decode("utf-8")
    where = [place for part in parts for place in part.where]
    read = tokenizer(text, **HOW)
    starts = [start for start, _ in read["offset_mapping"]]
    room = abilities.max_tokens - _around(tokenizer)
    # The first letter of a token can be the space before its word.
    cut = where[min(starts[room], len(where) - 1)] if len(starts) > room else -1
    return Tally(len(starts), room, cut=cut)


def _around(tokenizer: Any) -> int:
    """Tokens that are there besides the prompt's: those of a template, or an end."""
    if not getattr(tokenizer, "chat_template", None):
        return len(tokenizer("")["input_ids"])
    message = tokenizer.apply_chat_template(
        [{"role": "user", "content": WORDS}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=True,
    )
    return sum(len(tokenizer(text)["input_ids"]) for text in message.split(WORDS))
