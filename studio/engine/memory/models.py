"""The models on the device and in the machine's memory, and who of them may use how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Event as Flag

import torch

from studio.core.events import Event, Loading
from studio.core.limits import Limits
from studio.core.model_info import ModelInfo
from studio.core.recipe import Recipe
from studio.engine.device import choose_device, compute_dtype, free_memory
from studio.engine.interrupt import check
from studio.engine.memory.estimate import Estimates
from studio.engine.memory.keeper import Keeper
from studio.engine.memory.residency import Resident, Residents
from studio.engine.memory.room import Room
from studio.models.adapters.autoencoders import with_vae
from studio.models.adapters.finding import Finder
from studio.models.adapters.wardrobe import fit_out
from studio.models.catalogue import Catalogue
from studio.models.family import Family
from studio.models.loading import load, stamp, weights_hash
from studio.models.parts import parts_of

Load = Callable[..., Family]


class Models:
    """Used from the engine's thread only. `device`: what the person wants, "" for the best."""

    def __init__(
        self,
        listen: Callable[[Event], None],
        catalogue: Catalogue,
        finder: Finder,
        device: str,
        limits: Callable[[], Limits],
        room: Room | None = None,
    ) -> None:
        self._listen, self._limits = listen, limits
        self._catalogue, self._finder = catalogue, finder
        self._wanted, self._room = device, room
        self._estimates = Estimates()
        self._residents = Residents(
            lambda: limits().models, lambda: free_memory(torch.device("cpu"))
        )

    @property
    def room(self) -> Room:
        """The device's memory. Raises BadInput if there is no such device."""
        if self._room is None:
            self._room = Room(choose_device(self._wanted))
        return self._room

    @property
    def current(self) -> ModelInfo | None:
        """The model that was used last; None before the first."""
        return self._residents.current.info if self._residents.current else None

    def get(self, recipe: Recipe, run: str, cancel: Flag, load: Load = load) -> tuple[Family, str]:
        """The recipe's model with the recipe's autoencoder, loaded now or still there from before,
        and the hash of its files."""
        info = with_vae(self._catalogue.find(recipe.model), recipe, self._finder)
        now = stamp(info.path)
        now += ((str(info.vae), *self._finder.stamp(info.vae)),) if info.vae else ()
        info = replace(info, file=None)  # what becomes known of its file makes it no other model
        kept = self._residents.find(info, now)
        if kept is not None:
            return kept.family, kept.hash

        def tell(part: str) -> None:
            check(cancel)
            self._listen(Loading(run, f"Loading {info.title}: {part}"))

        if info.path is not None:
            tell("files")
        model_hash = weights_hash(info.path, lambda: check(cancel))
        size = sum(bytes for _, bytes, _ in now)
        room = self.room
        self._residents.make_room(size)
        room.tidy()
        dtype = compute_dtype(room.device, info.abilities.half, size)
        family = load(info, room.device, dtype, tell)
        fit_out(family, self._finder, info.title)
        check(cancel)
        parts = parts_of(family)
        if parts is not None:
            # What it takes of the device is counted from its first run on.
            parts.leave()
            parts.moves = parts.moves or room.apart
        self._residents.add(Resident(info, now, family, model_hash))
        return family, model_hash

    def keeper(self, run: str, family: Family) -> Keeper:
        """What minds the memory of one run with this model."""
        return Keeper(run, family, self.room, self._estimates, self._limits().plan)
