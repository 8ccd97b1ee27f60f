"""Which model makes the next picture: the chosen one, or the photo itself where that is better."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.core.model_info import ModelInfo
from studio.core.picture import Picture
from studio.core.recipe import Recipe

if TYPE_CHECKING:
    from studio.session.session import Session


def maker_of(session: Session) -> ModelInfo | None:
    """The chosen model; but a photo is filled from itself where nothing else can be as good.

    That is so while there are no words, and no model that knows photographs is installed.
    """
    return _itself(session) or session.model


def from_photo(session: Session) -> bool:
    """Whether the next run fills the picture from its own material, chosen so or not."""
    maker = maker_of(session)
    return session.action == "fill" and maker is not None and maker.abilities.mask_needed


def suited(recipe: Recipe, maker: ModelInfo, chosen: ModelInfo | None) -> Recipe:
    """The recipe for a model that takes no words; with its own defaults, if nobody chose it."""
    recipe = replace(recipe, prompt="", negative_prompt="", guidance_scale=1.0)
    if maker == chosen:
        return recipe
    able = maker.abilities
    return replace(
        recipe,
        model=maker.name,
        steps=able.default_steps,
        sampler=able.default_sampler,
        sampler_options={},
    )


def _itself(session: Session) -> ModelInfo | None:
    picture, models = session.document.picture, session.models
    if session.action != "fill" or picture is None or not session.document.has_mask:
        return None
    if session.settings.prompt.strip() or not _photo(session, picture):
        return None
    if any(model.abilities.photos for model in models):
        return None
    return next((model for model in models if model.abilities.mask_needed), None)


def _photo(session: Session, picture: Picture) -> bool:
    """Whether the picture was brought, or was made from one that was, by filling it so."""
    known = session.desk.known(picture)
    if known is None or session.desk.original is not None:
        return True
    used = known.record.recipe.model
    return any(model.name == used and model.abilities.mask_needed for model in session.models)
