"""Where a model's limit falls in a prompt as it was typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.errors import CannotLoad
from studio.core.geometry import Size
from studio.core.model_info import Abilities
from studio.core.prompting.traced import Traced
from studio.core.resources import resource
from studio.models.catalogue import PATCHES, TOY, describe
from studio.models.prompts.counting import Tally, tally, tokenizer_of
from tests.models.prompts.fixtures import clip_tokenizer, t5_tokenizer
from tests.models.tiny_flow import make_z_image

CLIP = Abilities(Size(512, 512), 8, max_tokens=77, chunks=True)
T5 = Abilities(Size(512, 512), 8, max_tokens=6)


def clip(prompt: str) -> Tally:
    return tally(Traced.typed(prompt), clip_tokenizer(), CLIP)


def t5(prompt: str) -> Tally:
    return tally(Traced.typed(prompt), t5_tokenizer(), T5)


def test_chunks_are_counted_and_where_they_turn() -> None:
    assert clip("") == Tally(0, 75)
    assert clip("a (sea:1.2)") == Tally(4, 75)
    assert clip("a BREAK sea") == Tally(4, 150, 2, (8,))
    assert clip("a " * 80) == Tally(80, 150, 2, (150,))
    assert clip("(" + "a " * 80 + ":1.2)") == Tally(80, 150, 2, (151,))


def test_a_limit_says_from_where_on_nothing_is_read() -> None:
    assert t5("") == Tally(0, 5)
    assert t5("a red boat at sea") == Tally(5, 5)
    prompt = "a (red:1.5) boat at sea night"
    found = t5(prompt)
    assert (found.tokens, found.room) == (6, 5)
    assert prompt[found.cut :] in ("night", " night")


def test_the_starter_model_is_counted_by_its_own_tokenizer() -> None:
    info = describe(resource("starter-model"))
    found = tally(Traced.typed("a red boat"), tokenizer_of(info), info.abilities)
    assert (found.tokens, found.parts) == (3, 1)


def test_a_template_takes_room(tmp_path: Path) -> None:
    info = describe(make_z_image(tmp_path / "z"))
    tokenizer = tokenizer_of(info)
    found = tally(Traced.typed("a red boat"), tokenizer, info.abilities)
    message = tokenizer.apply_chat_template(
        [{"role": "user", "content": ""}], tokenize=False, add_generation_prompt=True
    )
    assert found.room == info.abilities.max_tokens - len(tokenizer(message)["input_ids"])


@pytest.mark.parametrize("info", [TOY, PATCHES])
def test_models_without_a_tokenizer_count_nothing(info: object) -> None:
    assert tokenizer_of(info) is None  # type: ignore[arg-type]


def test_a_tokenizer_that_is_gone_is_said(tmp_path: Path) -> None:
    info = describe(make_z_image(tmp_path / "z"))
    for file in (tmp_path / "z" / "tokenizer").iterdir():
        file.unlink()
    with pytest.raises(CannotLoad):
        tokenizer_of(info)
