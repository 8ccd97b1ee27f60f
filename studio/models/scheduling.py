"""A model's own noise levels, from its scheduler's configuration and what its pipeline adds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.core.recipe import Recipe
from studio.diffusion.schedule import Schedule, ScheduleConfig, make_schedule
from studio.models.kinds import kind_of
from studio.models.source import Source


@dataclass(frozen=True)
class Scheduling:
    """`patch`: so many latent cells wide and high is one token of the network."""

    config: ScheduleConfig
    patch: int = 1

    def schedule(self, recipe: Recipe, height: int, width: int) -> Schedule:
        """The levels for a picture of `height` × `width` latent cells. Raises BadInput."""
        return make_schedule(
            self.config,
            recipe.sampler,
            recipe.steps,
            recipe.spacing,
            recipe.sigmas,
            tokens=(height // self.patch) * (width // self.patch),
        )


def scheduling(source: Source) -> Scheduling:
    """Raises CannotLoad if the files do not say, or say what is not known."""
    kind = kind_of(source)
    config = ScheduleConfig.from_diffusers(source.config("scheduler"))
    if kind.spacing and config.timestep_spacing is None:
        config = replace(config, timestep_spacing=kind.spacing)
    return Scheduling(config, kind.patch)
