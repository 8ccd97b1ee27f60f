"""What a loaded model wears: adapters put on its layers, weighed anew, and taken off again.

Nothing is written into the model. Each layer that an adapter changes gets a hook that adds to the
layer's output; a hook that is removed leaves no trace. Tensors are brought to where a layer
computes when it does, so the networks may be moved about meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from studio.core.adapters import Adapter, joined
from studio.core.errors import BadInput, CannotOpen
from studio.core.model_file import Role
from studio.core.recipe import Recipe
from studio.models.adapters.deltas import Decomposed, Delta
from studio.models.adapters.finding import WORDS, Finder
from studio.models.adapters.fitting import Fitted, Target, fit
from studio.models.adapters.names import DENOISERS, Names
from studio.models.adapters.reading import read_adapter
from studio.models.adapters.words import Words
from studio.models.parts import Parts

ROOM = 2**30
"""Bytes of adapters that are kept on the CPU though they are not worn, to be put on again."""


@dataclass(frozen=True)
class _Kept:
    stamp: tuple[int, int]
    fitted: Fitted
    bytes: int


class Wardrobe:
    """One loaded model's. `wear` may be called before every step: what is worn stays on."""

    def __init__(self, parts: Parts, finder: Finder, model: str, words: Words) -> None:
        self._parts, self._finder, self._model, self._words = parts, finder, model, words
        self._names = Names(parts.networks())
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        self._hooks: list[RemovableHandle] = []
        self._asked: tuple[tuple[Adapter, ...], dict[str, str]] = ((), {})
        self._worn: tuple[tuple[Adapter, Path, tuple[int, int]], ...] = ()

    def wear(self, recipe: Recipe, look: bool = True) -> None:
        """The adapters of the recipe and no others from now on, and the words that its prompts may
        have. Raises StudioError, and then all is as it was.

        Without `look`, files that were found before are not looked for again.
        """
        adapters, recorded = recipe.adapters, recipe.files
        asked = adapters, dict(recorded)
        if not look and asked == self._asked:
            return
        known = self._words.look()
        self._words.check(recipe)
        wanted = []
        for adapter in joined(adapters):
            path = self._finder.find(Role.LORA, adapter.name, recorded)
            wanted.append((adapter, path, self._finder.stamp(path)))
        if tuple(wanted) != self._worn:
            self._put_on(wanted)
        texts = tuple((a.name, a.of_text, *stamp) for a, _, stamp in wanted if a.of_text)
        self._asked, self._parts.worn = asked, (texts, known)

    def _put_on(self, wanted: list[tuple[Adapter, Path, tuple[int, int]]]) -> None:
        fitted = [(adapter, self._fitted(adapter.name, path)) for adapter, path, _ in wanted]
        layers: dict[tuple[str, str], list[_Worn]] = defaultdict(list)
        for adapter, by_part in fitted:
            for part, targets in by_part.items():
                weight = adapter.weight if part in DENOISERS else adapter.of_text
                for layer, target in targets.items() if weight else ():
                    layers[part, layer].append(_Worn(target, weight))
        self._take_off()
        networks = self._parts.networks()
        for (part, layer), worn in layers.items():
            module = networks[part].get_submodule(layer)
            self._hooks.append(module.register_forward_hook(_Hook(worn)))
        self._worn = tuple(wanted)
        self._forget({path for _, path, _ in wanted})

    def knows(self, name: str) -> bool:
        """Whether there is a file of that name."""
        try:
            self._finder.find(Role.LORA, name)
        except CannotOpen:
            return False
        return True

    def files(self, recipe: Recipe) -> dict[str, str]:
        """The sha256 of each file that the recipe stands for, as in `Recipe.files`."""
        worn = ((adapter.name, path) for adapter, path, _ in self._worn)
        loras = {f"{WORDS[Role.LORA]}/{name}": self._finder.hash(path) for name, path in worn}
        found = loras | self._words.files(recipe)
        if recipe.vae:
            path = self._finder.find(Role.VAE, recipe.vae, recipe.files)
            found[f"{WORDS[Role.VAE]}/{recipe.vae}"] = self._finder.hash(path)
        return found

    def _take_off(self) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._worn = [], ()
        self._asked = ((), {})

    def _fitted(self, name: str, path: Path) -> Fitted:
        kept, stamp = self._kept.get(path), self._finder.stamp(path)
        if kept is None or kept.stamp != stamp:
            file = read_adapter(path, Path(name).stem if path.name == name else name)
            kept = _Kept(stamp, fit(file, self._names, self._model), file.bytes)
            self._kept[path] = kept
        self._kept.move_to_end(path)
        return kept.fitted

    def _forget(self, worn: set[Path]) -> None:
        """The ones that were worn longest ago, where there are too many."""
        for path in list(self._kept):
            if sum(kept.bytes for kept in self._kept.values()) <= ROOM:
                break
            if path not in worn:
                del self._kept[path]


class _Worn:
    """One adapter at one layer, where the layer computes and in the numbers it computes in."""

    def __init__(self, target: Target, weight: float) -> None:
        self._target, self._weight = target, weight
        self._ready: Delta | Decomposed | None = None
        self._place: tuple[torch.device, torch.dtype] | None = None

    def added(self, layer: nn.Module, x: Tensor, out: Tensor) -> Tensor:
        ready, place = self._ready, (x.device, x.dtype)
        if ready is None or place != self._place:  # the network may have been moved or cast
            ready, self._place = self._prepared(layer, *place), place
            self._ready = ready
        if isinstance(ready, Decomposed):
            return ready.added(layer, x, out) * self._weight
        return ready.added(layer, x) * self._weight

    def _prepared(
        self, layer: nn.Module, device: torch.device, dtype: torch.dtype
    ) -> Delta | Decomposed:
        delta = self._target.delta.on(device, dtype)
        if self._target.magnitude is None:
            return delta
        return Decomposed.around(delta, self._target.magnitude.to(device, dtype), layer)


class _Hook:
    """Called behind the layer with what went in and what came out."""

    def __init__(self, worn: list[_Worn]) -> None:
        self._worn = worn

    def __call__(self, layer: nn.Module, given: tuple[Any, ...], out: Tensor) -> Tensor:
        x: Tensor = given[0]
        total = out
        for worn in self._worn:
            total = total + worn.added(layer, x, out).to(out.dtype)
        return total


def fit_out(family: object, finder: Finder, model: str) -> None:
    """Give a loaded family a wardrobe, if it has networks that could wear something."""
    parts = getattr(family, "parts", None)
    if isinstance(parts, Parts) and parts.wardrobe is None:
        words = Words(parts, parts.vocabularies, finder)
        parts.wardrobe = Wardrobe(parts, finder, model, words)


def wear(family: object, recipe: Recipe, look: bool = True) -> None:
    """Have a family's networks wear what the recipe says, before each call of them: another run
    may have dressed them since. `look`: see `Wardrobe.wear`.

    Raises StudioError; BadInput for a family that takes no adapters.
    """
    wardrobe = _wardrobe(family)
    if wardrobe is not None:
        wardrobe.wear(recipe, look)
    elif recipe.adapters:
        raise BadInput("This model takes no LoRAs.", "Take them off, or choose another model.")


def has_wardrobe(family: object) -> bool:
    """Whether the family can wear anything."""
    return _wardrobe(family) is not None


def knows(family: object, name: str) -> bool:
    """Whether there is a LoRA of that name, and the family could wear one."""
    wardrobe = _wardrobe(family)
    return wardrobe is not None and wardrobe.knows(name)


def recorded(family: object, recipe: Recipe) -> Recipe:
    """The recipe with the hashes of the files that are worn, and those that it had before."""
    wardrobe = _wardrobe(family)
    return replace(recipe, files={**recipe.files, **(wardrobe.files(recipe) if wardrobe else {})})


def _wardrobe(family: object) -> Wardrobe | None:
    parts = getattr(family, "parts", None)
    return parts.wardrobe if isinstance(parts, Parts) else None
