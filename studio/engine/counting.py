"""What the darkroom knows of a prompt while it is typed: its tokens, and what it can name."""

from __future__ import annotations

from typing import Any

from studio.core.counting import Count, Counted, Name, Named
from studio.core.errors import CannotLoad, CannotOpen
from studio.core.model_file import Role
from studio.core.model_info import ModelInfo
from studio.core.prompting.tags import tags, taken_out
from studio.core.prompting.traced import Traced
from studio.core.prompting.wildcards import choose, marks
from studio.library.folders import Folders
from studio.library.wildcards import Wildcards
from studio.models.adapters.finding import Finder
from studio.models.prompts.counting import Tally, tally, tokenizer_of


class Counter:
    """Keeps the tokenizer of the model that was asked about last. Used from one thread."""

    def __init__(self, finder: Finder, folders: Folders) -> None:
        self._finder, self._folders = finder, folders
        self._kept: tuple[ModelInfo, Any] | None = None

    def count(self, wish: Count) -> Counted:
        typed = Traced.typed(wish.prompt)
        files = Wildcards(self._folders.wildcards)
        chosen = choose(wish.prompt, wish.seed, wish.role, files.lines)
        known = self._knows if wish.role == "prompt" else _nothing
        words, _ = taken_out(chosen, known)
        unknown = [
            (tag.start, tag.end)
            for tag in (tags(typed.text) if wish.role == "prompt" else ())
            if not self._knows(tag.adapter.name)
        ]
        for start, end, file in marks(typed.text):
            if file and not files.lines(typed.text[start + 2 : end - 2]):
                unknown.append((start, end))
        tokenizer, able = self._tokenizer(wish.model), wish.model.abilities
        found = tally(words, tokenizer, able) if tokenizer is not None else Tally(0, 0)
        all_of = (found.tokens, found.room, found.parts, found.turns, found.cut)
        return Counted(wish, *all_of, tuple(unknown))

    def names(self, wish: Name) -> Named:
        loras, embeddings = (
            tuple(sorted(self._finder.names(role), key=str.casefold))
            for role in (Role.LORA, Role.EMBEDDING)
        )
        return Named(loras, embeddings, tuple(Wildcards(self._folders.wildcards).names()))

    def _knows(self, name: str) -> bool:
        try:
            self._finder.find(Role.LORA, name)
        except CannotOpen:
            return False
        return True

    def _tokenizer(self, info: ModelInfo) -> Any:
        if self._kept is None or self._kept[0] != info:
            try:
                self._kept = info, tokenizer_of(info)
            except CannotLoad:
                # Whoever draws with the model is told what is wrong with it.
                self._kept = info, None
        return self._kept[1]


def _nothing(name: str) -> bool:
    return False
