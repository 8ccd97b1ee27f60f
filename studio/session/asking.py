"""What the next run will be asked for, and what keeps it from being done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from studio.core.errors import BadInput
from studio.core.filling import AUTOMATIC, usual_fill
from studio.core.recipe import DEFAULT_SIZE, Recipe
from studio.core.request import Request
from studio.core.sizing import check_mask, check_size
from studio.session.filler import maker_of, suited
from studio.session.settings import FILLING

if TYPE_CHECKING:
    from studio.session.session import Session


def recipe_of(session: Session) -> Recipe:
    """The settings, with what goes with the action alone: strength, fill, box, margins; without
    what does not fit the model."""
    recipe = session.adapters.fitting(_recipe(session))
    return replace(recipe, prompt="", negative_prompt="") if _wordless(session) else recipe


def _wordless(session: Session) -> bool:
    """Words may be left in the fields from another model; this one is not told them."""
    maker = maker_of(session)
    return maker is not None and not maker.abilities.prompt


def _recipe(session: Session) -> Recipe:
    settings, framing = session.settings, session.desk.framing
    picture = session.document.picture
    if session.action == "refine" and picture is not None:
        recipe = settings.recipe(settings.strength)
        return replace(recipe, size=picture.size) if settings.keep_size else recipe
    if session.action != "fill":
        return settings.recipe()
    maker = maker_of(session)
    filling: dict[str, Any] = {name: getattr(settings, name) for name in FILLING}
    if maker is not None and maker.abilities.mask_needed:
        recipe = suited(settings.recipe(settings.photo_strength), maker, session.model)
        if settings.fill == AUTOMATIC:
            filling["fill"] = maker.abilities.default_fill
        return replace(recipe, box=framing.box, extend=framing.margins, **filling)
    continues = _wordless(session) or not settings.prompt.strip()
    strength = settings.continue_strength if continues else settings.fill_strength
    if settings.fill == AUTOMATIC:
        filling["fill"] = usual_fill(continues, strength, bool(framing.margins))
    if settings.extend_full if framing.margins else settings.full:
        native = maker.abilities.native_size if maker else DEFAULT_SIZE
        filling["tile"] = max(native.width, native.height)
    recipe = settings.recipe(strength)
    return replace(recipe, box=framing.box, extend=framing.margins, **filling)


def request_of(session: Session) -> Request:
    """The recipe, and the picture and mask if the action needs them."""
    document, action = session.document, session.action
    sourced = action != "generate"
    return Request(
        recipe=recipe_of(session),
        source=document.picture if sourced else None,
        mask=document.mask if action == "fill" else None,
        source_name=document.name if sourced else "",
        material=document.material if material_counts(session) else None,
    )


def material_counts(session: Session) -> bool:
    """Whether what is painted to take from, or not to, means anything for the next run."""
    maker = maker_of(session)
    return session.action == "fill" and maker is not None and maker.abilities.material


def hindrance(session: Session) -> BadInput | None:
    """What keeps the action from being done; None if it can be."""
    try:
        recipe, model = recipe_of(session).check(), maker_of(session)
        if session.models and model is None:
            raise BadInput(f"There is no model named {recipe.model}.", "Choose another model.")
        if model:
            check_mask(model, session.action == "fill")
        if model and session.action == "generate":
            check_size(recipe.size, model.abilities)
        if model and session.action != "generate" and not model.abilities.image_input:
            raise BadInput(
                f"{model.title} cannot start from a picture.",
                "Close the picture, or choose another model.",
            )
        told = recipe.inpaint_channels == "on"
        if model and session.action == "fill" and told and not model.abilities.inpaint_channels:
            raise BadInput(
                f"{model.title} has no inpainting channels.",
                "Set them to auto, or choose an inpainting model.",
            )
    except BadInput as error:
        return error
    return None
