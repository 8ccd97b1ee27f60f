"""Where a run on a picture starts, without the run: what the strength slider means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from weakref import WeakKeyDictionary

import torch

from studio.core.errors import BadInput, StudioError
from studio.core.events import Began, Sight
from studio.core.geometry import Size
from studio.core.picture import Picture
from studio.core.recipe import Recipe
from studio.core.request import Request
from studio.core.wishes import Begin
from studio.diffusion.loop import start
from studio.diffusion.noise import Noise
from studio.diffusion.schedule import Schedule
from studio.diffusion.state import State
from studio.engine.fill import Inputs, Latents, latents_of, plan_of
from studio.engine.large import decoded
from studio.engine.pixels import to_picture, to_tensor
from studio.engine.prepare import first_state, noise_of
from studio.imaging.cropping import fit
from studio.imaging.extending import extended, widened
from studio.models.catalogue import Catalogue
from studio.models.family import Family
from studio.models.predicts import schedule_of
from studio.models.preview import LinearPreview

SIDE = 256
"""The longest side of a start that is shown by its pixels alone."""


@dataclass(frozen=True)
class Encoded:
    """A picture's latents on the CPU, and what shows them without the decoder."""

    key: tuple[object, ...]
    latents: Latents
    noise: Noise
    preview: LinearPreview


class Encodings:
    """The last picture that was encoded for this. Handed from the device's thread to the other."""

    def __init__(self) -> None:
        self._last: Encoded | None = None
        self._lock = Lock()

    def put(self, encoded: Encoded) -> None:
        with self._lock:
            self._last = encoded

    def get(self, key: tuple[object, ...]) -> Encoded | None:
        with self._lock:
            return self._last if self._last and self._last.key == key else None

    def of(self, picture: Picture) -> Encoded | None:
        """What was encoded of this picture, by whatever model."""
        with self._lock:
            return self._last if self._last and self._last.key[0] is picture else None


def starting_point(request: Request, family: Family) -> tuple[Schedule, Noise, Latents, State]:
    """What `prepare` would start with, made by the same functions; nothing is kept.

    Raises BadInput without a picture, and for what this model cannot do.
    """
    recipe, inputs = request.recipe.check(), _inputs(request)
    plan, size = plan_of(recipe, inputs, None, family)
    schedule, noise = family.schedule(recipe, size), noise_of(recipe, size, family)
    latents = latents_of(recipe, inputs, plan, size, family, noise)
    assert latents is not None
    return schedule, noise, latents, first_state(recipe, schedule, noise, latents)


@torch.inference_mode()
def exactly(wish: Begin, family: Family, encodings: Encodings) -> Began:
    """Through encoder and decoder: the very sample that the run's first step is given."""
    try:
        schedule, noise, latents, state = starting_point(wish.request, family)
    except StudioError as error:
        return Began(wish, None, reason=f"{error.message} {error.hint}".strip())
    cpu = Latents(latents.clean.cpu(), latents.begin.cpu(), None)
    encodings.put(
        Encoded(_key(wish.request), cpu, replace(noise, device="cpu"), family.preview.on("cpu"))
    )
    picture = to_picture(decoded(family, state.x[:1]))
    return _began(wish, schedule, state.index, picture, "decoded")


@torch.inference_mode()
def quickly(wish: Begin, encodings: Encodings, catalogue: Catalogue) -> Began:
    """At once: from latents that were encoded before, else by the picture's own pixels."""
    request, recipe = wish.request, wish.request.recipe
    try:
        recipe.check()
        source = _inputs(request).source
        assert source is not None
        schedule = schedule_of(catalogue.find(recipe.model), recipe, recipe.size)
        encoded = encodings.get(_key(request))
    except StudioError as error:
        return Began(wish, None, reason=f"{error.message} {error.hint}".strip())
    if encoded:
        noise = replace(encoded.noise, seeds=[recipe.seed])
        state = first_state(replace(recipe, batch=1), schedule, noise, encoded.latents)
        picture = to_picture(encoded.preview(state.x))
        return _began(wish, schedule, state.index, picture, "preview")
    first = schedule.start(recipe.strength)
    pixels = to_tensor(small(source, SIDE))
    drawn = Noise([recipe.seed], tuple(pixels.shape[1:])).start()
    x = start(pixels, drawn, schedule.levels[first], schedule.noise_scale)
    return _began(wish, schedule, first, to_picture(x), "pixels")


_small: WeakKeyDictionary[Picture, dict[int, Picture]] = WeakKeyDictionary()


def small(picture: Picture, side: int) -> Picture:
    """The picture in its own shape, no side longer than this. Made once, for a slider's sake."""
    made = _small.setdefault(picture, {})
    if side not in made:
        scale = min(1.0, side / max(picture.size.width, picture.size.height))
        width, height = (
            max(1, round(length * scale)) for length in (picture.size.width, picture.size.height)
        )
        made[side] = fit(picture, Size(width, height))
    return made[side]


def _inputs(request: Request) -> Inputs:
    source, mask, material = request.source, request.mask, request.material
    if source is None:
        raise BadInput("There is no picture to start from.", "Open one, or make one.")
    if request.recipe.extend:
        source, mask = extended(source, mask, request.recipe.extend)
        material = widened(material, request.recipe.extend)
    return Inputs(source, mask, None, None, material=material)


def _key(request: Request) -> tuple[object, ...]:
    """All that the latents depend on; the noise, seed and strength come after them."""
    recipe: Recipe = request.recipe
    plain = replace(
        Recipe(),
        model=recipe.model,
        vae=recipe.vae,
        size=recipe.size,
        feather=recipe.feather,
        context=recipe.context,
        fill=recipe.fill,
        extend=recipe.extend,
        box=recipe.box,
        seed=recipe.seed if recipe.fill == "noise" else 0,
    )
    return request.source, request.mask, request.material, plain.model, plain


def _began(wish: Begin, schedule: Schedule, first: int, picture: Picture, sight: Sight) -> Began:
    level = schedule.levels[first]
    return Began(
        wish, picture, first, schedule.steps, level.alpha, level.sigma, level.timestep, sight
    )
