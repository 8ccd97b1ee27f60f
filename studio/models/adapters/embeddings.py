"""Textual inversions: words of a person's own, each some vectors in a text encoder's vocabulary.

Gal et al., An Image is Worth One Word, 2022. Neither tokenizer nor vocabulary is changed: the words
get negative numbers, which a hook on the text encoder takes out again before they are looked up,
and whose vectors a second hook puts in the place of what was found instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from studio.core.errors import BadInput, CannotOpen
from studio.models.adapters.reading import read_tensors

ENCODERS = {"text_encoder": "clip_l", "text_encoder_2": "clip_g"}
"""The text encoders that can learn words, and what SDXL's files call theirs."""
MOST = 128
"""Vectors of one word; more would not leave room for any other."""
Load = Callable[[str], Tensor]
"""The vectors [n, width] of the word with this name. Raises StudioError."""


class Vocabulary:
    """A tokenizer that knows more words. All else of it is the tokenizer's own.

    `known` are the names of the words; their vectors come from `load` when they are first read.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._load: Load | None = None
        self._names: re.Pattern[str] | None = None
        self._ids: dict[str, list[int]] = {}
        self.vectors: list[Tensor] = []
        """That of number −1 is the first."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __len__(self) -> int:
        return len(self._tokenizer)

    def learn(self, names: Sequence[str], load: Load) -> None:
        """Know these words and no others."""
        self._load, self._names = load, pattern(names)
        self._ids, self.vectors = {}, []

    def __call__(self, text: Any, **options: Any) -> Any:
        found = self._tokenizer(text, **options)
        plain = isinstance(text, str) and options.get("add_special_tokens", True) is False
        if self._names is None or not plain or self._names.search(text) is None:
            return found
        ids: list[int] = []
        places: list[tuple[int, int]] = []
        at = 0
        for match in self._names.finditer(text):
            self._read(text[at : match.start()], at, ids, places)
            own = self._numbers(match["name"].casefold())
            ids += own
            places += [match.span()] * len(own)
            at = match.end()
        self._read(text[at:], at, ids, places)
        found["input_ids"] = ids
        if "attention_mask" in found:
            found["attention_mask"] = [1] * len(ids)
        if "offset_mapping" in found:
            found["offset_mapping"] = places
        return found

    def _read(self, text: str, at: int, ids: list[int], places: list[tuple[int, int]]) -> None:
        read = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids += read["input_ids"]
        places += [(start + at, end + at) for start, end in read["offset_mapping"]]

    def _numbers(self, name: str) -> list[int]:
        if name not in self._ids:
            assert self._load is not None
            first = len(self.vectors)
            self.vectors += list(self._load(name))
            self._ids[name] = [-1 - number for number in range(first, len(self.vectors))]
        return self._ids[name]


@dataclass
class Reader:
    """The hooks on one text encoder. They do nothing where no word has a negative number."""

    vocabulary: Vocabulary
    _ids: Tensor | None = field(default=None, init=False)

    def attach(self, encoder: nn.Module) -> list[RemovableHandle]:
        table: Any = encoder
        return [
            encoder.register_forward_pre_hook(self._before, with_kwargs=True),
            table.get_input_embeddings().register_forward_hook(self._behind),
        ]

    def _before(
        self, _: nn.Module, given: tuple[Any, ...], named: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        ids = given[0] if given else named.get("input_ids")
        self._ids = ids if isinstance(ids, Tensor) and bool((ids < 0).any()) else None
        if self._ids is None:
            return None
        # The encoder also looks for the end of the text in them, by the largest number.
        plain = self._ids.clamp(min=0)
        return ((plain, *given[1:]), named) if given else (given, named | {"input_ids": plain})

    def _behind(self, _: nn.Module, given: tuple[Any, ...], found: Tensor) -> Tensor:
        ids, self._ids = self._ids, None
        if ids is None:
            return found
        found = found.clone()
        for place in (ids < 0).nonzero():
            row, column = int(place[0]), int(place[1])
            vector = self.vocabulary.vectors[-1 - int(ids[row, column])]
            found[row, column] = vector.to(found.device, found.dtype)
        return found


def pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    """What finds these words in a text: alone, or as ComfyUI writes them, `embedding:name`."""
    longest = sorted((name for name in names if name), key=len, reverse=True)
    if not longest:
        return None
    words = "|".join(map(re.escape, longest))
    return re.compile(rf"(?<![\w-])(?:embedding:)?(?P<name>{words})(?![\w-])", re.IGNORECASE)


def read_words(path: Path, name: str, widths: Mapping[str, int]) -> dict[str, Tensor]:
    """The vectors [n, width] of a word for each text encoder of `widths`.

    Files of A1111 (.pt, string_to_param), of diffusers (one tensor by the word's name), of SDXL
    trainers (clip_l and clip_g). Raises CannotOpen or BadInput, with one sentence.
    """
    tensors, _ = read_tensors(path, name)
    known = {
        key.removeprefix("string_to_param."): tensor
        for key, tensor in tensors.items()
        if tensor.is_floating_point() and tensor.ndim in (1, 2)
    }
    if not known or any(not bool(tensor.isfinite().all()) for tensor in known.values()):
        raise CannotOpen(
            f"The embedding {name} is damaged: it has no vectors that are numbers.",
            "Download it again.",
        )
    found = {}
    for part, width in widths.items():
        single = next(iter(known.values())) if len(known) == 1 and len(widths) == 1 else None
        tensor = known.get(ENCODERS[part], single)
        if tensor is None or tensor.shape[-1] != width:
            have = ", ".join(sorted({str(t.shape[-1]) for t in known.values()}))
            need = ", ".join(str(w) for w in widths.values())
            raise BadInput(
                f"The embedding {name} is for another model: its vectors have {have} numbers, and "
                f"this model's words {need}.",
                "Take it out of the prompt, or choose a model that it was made for.",
            )
        vectors = tensor.reshape(-1, width).float()
        if len(vectors) > MOST:
            raise CannotOpen(f"{name} is not an embedding: it has {len(vectors)} vectors.")
        found[part] = vectors
    return found
