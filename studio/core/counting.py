"""How much of a prompt a model reads: asked for and answered."""

from __future__ import annotations

from dataclasses import dataclass

from studio.core.model_info import ModelInfo


@dataclass(frozen=True)
class Count:
    """How many tokens a prompt is to a model, answered by `Counted`.

    `role` is the field of the recipe that the prompt is in; wildcards are counted as `seed` makes
    them. Needs the model's tokenizer, but no network.
    """

    model: ModelInfo
    role: str
    prompt: str
    seed: int = 0

    @property
    def slot(self) -> str:
        return f"count {self.role}"

    @property
    def needs_model(self) -> bool:
        return False


@dataclass(frozen=True)
class Counted:
    """`tokens` of `room` are taken by the prompt; `room` 0 where nothing can be counted.

    A model that reads long prompts in parts has room for as many as there are: `parts` of them,
    and each but the first begins at one of `turns` in the prompt as it was typed. One that does
    not reads nothing from `cut` on; −1 if it reads all. `unknown` are the places [start, end) of
    LoRAs and files of wildcards that there are none of: they are read as words.
    """

    wish: Count
    tokens: int
    room: int
    parts: int = 1
    turns: tuple[int, ...] = ()
    cut: int = -1
    unknown: tuple[tuple[int, int], ...] = ()
    run: str = ""


@dataclass(frozen=True)
class Name:
    """Which names a prompt can have in it, answered by `Named`."""

    slot: str = "names"

    @property
    def needs_model(self) -> bool:
        return False


@dataclass(frozen=True)
class Named:
    """LoRAs, textual inversions and files of wildcards, by the names that prompts call them."""

    loras: tuple[str, ...]
    embeddings: tuple[str, ...]
    wildcards: tuple[str, ...]
    run: str = ""
