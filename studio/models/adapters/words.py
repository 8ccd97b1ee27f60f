"""A loaded model's textual inversions: which there are, and which of them a prompt says."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from studio.core.errors import CannotOpen
from studio.core.model_file import Role
from studio.core.recipe import Recipe
from studio.models.adapters.embeddings import ENCODERS, Reader, Vocabulary, pattern, read_words
from studio.models.adapters.finding import WORDS, Finder
from studio.models.parts import Parts

TOKENIZERS = {"tokenizer": "text_encoder", "tokenizer_2": "text_encoder_2"}


class Words:
    """Empty for a model whose text encoders cannot learn words."""

    def __init__(
        self, parts: Parts, vocabularies: Mapping[str, Vocabulary], finder: Finder
    ) -> None:
        self._finder = finder
        self._vocabularies: dict[str, Vocabulary] = {}
        self._widths: dict[str, int] = {}
        self._encoders: dict[str, nn.Module] = {}
        self._hooks: list[RemovableHandle] = []
        self._known: tuple[tuple[str, Path, int, int], ...] = ()
        self._vectors: dict[str, dict[str, Tensor]] = {}
        for tokenizer, vocabulary in vocabularies.items():
            part = TOKENIZERS[tokenizer]
            encoder: Any = parts.networks().get(part)
            if encoder is not None and part in ENCODERS:
                self._vocabularies[part] = vocabulary
                self._widths[part] = int(encoder.get_input_embeddings().weight.shape[1])
                self._encoders[part] = encoder

    def look(self) -> Hashable:
        """Learn the words that there are now; what changes whenever they do."""
        if not self._vocabularies:
            return ()
        named = self._finder.names(Role.EMBEDDING)
        known = tuple((name, path, *self._finder.stamp(path)) for name, path in named.items())
        if known != self._known:
            self._known, self._vectors = known, {}
            self._attach(bool(known))
            for part, vocabulary in self._vocabularies.items():
                vocabulary.learn(
                    tuple(named),
                    lambda name, part=part: self._load(name)[part],  # type: ignore[misc]
                )
        return known

    def _attach(self, any_known: bool) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        for part, encoder in self._encoders.items() if any_known else ():
            self._hooks += Reader(self._vocabularies[part]).attach(encoder)

    def files(self, recipe: Recipe) -> dict[str, str]:
        """The sha256 of each file that the recipe's prompts name, as in `Recipe.files`."""
        prompts = [recipe.prompt, recipe.negative_prompt, *(one.text for one in recipe.said)]
        for edit in recipe.edits:
            prompts += [str(edit.changes.get(name, "")) for name in ("prompt", "negative_prompt")]
        return {
            f"{WORDS[Role.EMBEDDING]}/{name}": self._finder.hash(path)
            for name, path in self._said(" ".join(prompts)).items()
        }

    def check(self, recipe: Recipe) -> None:
        """Raises CannotOpen if a word of the prompts had other vectors when they were recorded."""
        for name, path in self._said(f"{recipe.prompt} {recipe.negative_prompt}").items():
            before = recipe.files.get(f"{WORDS[Role.EMBEDDING]}/{name}", "")
            if before and before != self._finder.hash(path):
                raise CannotOpen(
                    f"The embedding {name} is another file than the one this picture was made "
                    "with.",
                    "Put that file back, or take the word out of the prompt.",
                )

    def _said(self, text: str) -> dict[str, Path]:
        paths = {name: path for name, path, *_ in self._known}
        found = pattern(tuple(paths))
        said = {match["name"].casefold() for match in found.finditer(text)} if found else set()
        return {name: path for name, path in paths.items() if name.casefold() in said}

    def _load(self, name: str) -> dict[str, Tensor]:
        if name not in self._vectors:
            path = next(path for known, path, *_ in self._known if known.casefold() == name)
            self._vectors[name] = read_words(path, name, self._widths)
        return self._vectors[name]
