"""The stack of LoRAs, and the autoencoder: what the next run's model will wear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, Self

from studio.core.adapters import Adapter
from studio.core.model_file import ModelFile, Role
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe

if TYPE_CHECKING:
    from studio.session.session import Session


@dataclass(frozen=True)
class Slot:
    """A LoRA in the stack. One that is not `on` keeps its place and its weight."""

    adapter: Adapter
    on: bool = True

    @property
    def title(self) -> str:
        """Its name without its folder."""
        return PurePath(self.adapter.name.replace("\\", "/")).name

    def to_json(self) -> dict[str, Any]:
        return {**self.adapter.to_json(), "on": self.on}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Raises TypeError, KeyError or ValueError for what `to_json` has not written."""
        return cls(Adapter.from_json(data), bool(data.get("on", True)))


Slots = tuple[Slot, ...]


def slots_in(data: object) -> Slots:
    """What was kept of a stack; nothing of one that is damaged."""
    try:
        return tuple(Slot.from_json(one) for one in data)  # type: ignore[attr-defined]
    except (TypeError, KeyError, ValueError, AttributeError):
        return ()


@dataclass(frozen=True)
class Offer:
    """A file to choose. `reason` says why it does not fit the model; "" if nothing is known
    against it."""

    name: str
    file: ModelFile
    reason: str = ""


def worn(slots: Slots) -> tuple[Adapter, ...]:
    """Those that are on."""
    return tuple(slot.adapter for slot in slots if slot.on)


def weighed(slots: Slots, place: int, weight: float) -> Slots:
    slot = slots[place]
    changed = replace(slot, adapter=replace(slot.adapter, weight=weight, text_weight=None))
    return (*slots[:place], changed, *slots[place + 1 :])


def switched(slots: Slots, place: int, on: bool) -> Slots:
    return (*slots[:place], replace(slots[place], on=on), *slots[place + 1 :])


def moved(slots: Slots, place: int, to: int) -> Slots:
    """The slot at `place` is at `to` then, if there is such a place."""
    if not 0 <= to < len(slots):
        return slots
    rest = (*slots[:place], *slots[place + 1 :])
    return (*rest[:to], slots[place], *rest[to:])


def without(slots: Slots, place: int) -> Slots:
    return (*slots[:place], *slots[place + 1 :])


@dataclass(frozen=True)
class _Offers:
    """`of`: the files and the model that these are made of. `by_name`: by all their names."""

    of: tuple[object, object]
    offers: tuple[Offer, ...]
    by_name: dict[str, Offer] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for offer in self.offers:
            path = _plain(str(offer.file.path))
            parts = path.split("/")
            tails = ("/".join(parts[-count:]) for count in range(1, min(len(parts), 4) + 1))
            for name in (_plain(offer.name), path, _plain(offer.file.name), *tails):
                self.by_name.setdefault(name, offer)


class Adapters:
    """What can be chosen, from the person's files and for the model that is chosen now."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[Role, _Offers] = {}

    def loras(self) -> tuple[Offer, ...]:
        """Those that fit first, then by name."""
        return self._made(Role.LORA).offers

    def vaes(self) -> tuple[Offer, ...]:
        return self._made(Role.VAE).offers

    def known(self, name: str, role: Role = Role.LORA) -> Offer | None:
        """The file that a name in a recipe stands for; None if there is none."""
        return self._made(role).by_name.get(_plain(name))

    def missing(self, name: str, role: Role = Role.LORA) -> bool:
        """Whether it is clear that no file has this name."""
        collection = self._session.collection
        if collection.looking or self.known(name, role) is not None:
            return False
        try:
            return not Path(name).is_file()
        except (OSError, ValueError):
            return True

    def folder(self, role: Role = Role.LORA) -> str:
        """Where the app looks for such files besides the person's own folders."""
        catalogue = self._session.collection.catalogue
        return str(catalogue.shelf.own[role]) if catalogue is not None else "the app's folder"

    def add(self, offer: Offer) -> None:
        """Put it on the stack, unless it is there already; then it is switched on."""
        settings = self._session.settings
        for place, slot in enumerate(settings.adapters):
            if _plain(slot.adapter.name) == _plain(offer.name):
                settings.adapters = switched(settings.adapters, place, True)
                return
        settings.adapters = (*settings.adapters, Slot(Adapter(offer.name)))

    def say(self, words: str) -> None:
        """Put a LoRA's words behind what the prompt says, unless they are in it."""
        settings = self._session.settings
        prompt = settings.prompt.rstrip().rstrip(",")
        if words.casefold() not in prompt.casefold():
            settings.prompt = f"{prompt}, {words}" if prompt else words

    def fitting(self, recipe: Recipe) -> Recipe:
        """The recipe without what is known not to fit its model, as the stack shows it."""
        model = next((m for m in self._session.models if m.name == recipe.model), None)
        if model is None:
            return recipe
        adapters = tuple(a for a in recipe.adapters if not self._unfit(a.name, Role.LORA, model))
        vae = "" if recipe.vae and self._unfit(recipe.vae, Role.VAE, model) else recipe.vae
        return replace(recipe, adapters=adapters, vae=vae)

    def _unfit(self, name: str, role: Role, model: ModelInfo) -> str:
        offer = self.known(name, role)
        return unfit(role, offer.file if offer else None, model)

    def _made(self, role: Role) -> _Offers:
        """Made anew when the files or the model have changed: it is asked for at every key."""
        everything, model = self._session.collection.files, self._session.model
        before = self._kept.get(role)
        if before is None or before.of[0] is not everything or before.of[1] is not model:
            files = [file for file in everything if file.role is role]
            stems = Counter(_stem(file).casefold() for file in files)
            found = [Offer(_name(file, stems), file, reason(file, model)) for file in files]
            found.sort(key=lambda offer: (bool(offer.reason), offer.name.casefold()))
            before = self._kept[role] = _Offers((everything, model), tuple(found))
        return before


def reason(file: ModelFile, model: ModelInfo | None) -> str:
    """Why a file cannot be used with a model; "" if nothing is known against it."""
    if file.problem or model is None:
        return file.problem
    return unfit(file.role, file, model)


def unfit(role: Role, file: ModelFile | None, model: ModelInfo) -> str:
    """Why a model does without it; "" if it could use it. `file`: None if it is not known."""
    able = model.abilities
    vaes = (able.autoencoder,) if able.autoencoder else ()
    takes = vaes if role is Role.VAE else able.adapters
    if not takes:
        return f"{model.title} takes none."
    if file is None or file.layout in takes or not file.layout:
        return ""
    return f"Made for {file.title or file.layout}."


def _stem(file: ModelFile) -> str:
    return file.path.stem if file.path.suffix else file.path.name


def _name(file: ModelFile, stems: Mapping[str, int]) -> str:
    """What to call it in a recipe: the file's name, with its folder where two have the same."""
    stem = _stem(file)
    return stem if stems[stem.casefold()] < 2 else f"{file.path.parent.name}/{stem}"


def _plain(name: str) -> str:
    path = name.replace("\\", "/").casefold()
    for suffix in (".safetensors", ".sft", ".pt", ".ckpt", ".bin"):
        path = path.removesuffix(suffix)
    return path
