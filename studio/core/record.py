"""Where a picture comes from: its recipe and all that the recipe alone does not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.core.errors import BadInput
from studio.core.prompting.older import renewed_recipe
from studio.core.recipe import Recipe

FORMAT = 2
"""1 had prompts without brackets, breaks and wildcards: see `studio.core.prompting.older`."""


@dataclass(frozen=True)
class Asset:
    """A source picture or mask, kept in the library under the hash of its pixels."""

    sha256: str
    name: str = ""


@dataclass(frozen=True)
class Origin:
    """The run and step that a branch starts from, with the record of that run."""

    run: str
    step: int
    record: Record


@dataclass(frozen=True)
class Record:
    """All that is needed to make one picture again. Written into the PNG and the index.

    `run` names the run that made it, `image` which picture of its batch this is (its recipe
    stands alone all the same), `model_hash` the weights, `software` the versions used.
    """

    recipe: Recipe
    run: str = ""
    image: int = 0
    source: Asset | None = None
    mask: Asset | None = None
    origin: Origin | None = None
    model_hash: str = ""
    software: tuple[tuple[str, str], ...] = ()
    material: Asset | None = None

    def alone(self, image: int) -> Record:
        """That of one picture of the batch, and so of all the runs it branched from."""
        origin = self.origin
        if origin:
            origin = replace(origin, record=origin.record.alone(image))
        return replace(self, recipe=self.recipe.single(image), image=image, origin=origin)

    def together(self, batch: int) -> Record:
        """That of the batch that this picture is one of; undoes `alone`."""
        origin = self.origin
        if origin:
            origin = replace(origin, record=origin.record.together(batch))
        recipe = replace(self.recipe.single(-self.image), batch=batch)
        return replace(self, recipe=recipe, image=0, origin=origin)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "format": FORMAT,
            "run": self.run,
            "image": self.image,
            "recipe": self.recipe.to_json(),
            "model_hash": self.model_hash,
            "software": dict(self.software),
        }
        for name, asset in (
            ("source", self.source),
            ("mask", self.mask),
            ("material", self.material),
        ):
            if asset:
                data[name] = {"sha256": asset.sha256, "name": asset.name}
        if self.origin:
            data["origin"] = {
                "run": self.origin.run,
                "step": self.origin.step,
                "record": self.origin.record.to_json(),
            }
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Record:
        """Read what `to_json` wrote. Raises BadInput for anything else."""
        try:
            if int(data["format"]) > FORMAT:
                raise BadInput(
                    "This picture was made by a later version of Diffusion Studio.",
                    "Update to read its recipe.",
                )
            origin = data.get("origin")
            recipe = data["recipe"] if int(data["format"]) > 1 else renewed_recipe(data["recipe"])
            return cls(
                recipe=Recipe.from_json(recipe),
                run=str(data.get("run", "")),
                image=int(data.get("image", 0)),
                source=_asset(data.get("source")),
                mask=_asset(data.get("mask")),
                material=_asset(data.get("material")),
                origin=Origin(
                    str(origin["run"]), int(origin["step"]), cls.from_json(origin["record"])
                )
                if origin
                else None,
                model_hash=str(data.get("model_hash", "")),
                software=tuple((str(k), str(v)) for k, v in data.get("software", {}).items()),
            )
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise BadInput("The recipe in this file is damaged.") from error


def _asset(data: Mapping[str, Any] | None) -> Asset | None:
    return Asset(str(data["sha256"]), str(data.get("name", ""))) if data else None
