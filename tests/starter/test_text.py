from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.starter.captions import caption, words
from studio.starter.config import TextConfig
from studio.starter.scene import ATTRIBUTES, random_scene
from studio.starter.text import (
    LENGTH,
    build_text_encoder,
    build_tokenizer,
    naming_head,
    naming_loss,
    tokenize,
)


@pytest.fixture(scope="module")
def tokenizer() -> object:
    return build_tokenizer(words())


def test_each_known_word_is_one_token(tokenizer) -> None:  # type: ignore[no-untyped-def]
    for word in words():
        assert tokenizer.tokenize(word) == [word + "</w>"]


def test_captions_hold_as_many_tokens_as_words(tokenizer) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    for _ in range(50):
        text = caption(random_scene(rng), rng)
        assert len(tokenizer.tokenize(text)) == len(text.replace(",", " ,").split())
        assert len(tokenizer.tokenize(text)) < LENGTH - 2


def test_unknown_words_fall_into_pieces_that_spell_them(tokenizer) -> None:  # type: ignore[no-untyped-def]
    pieces = tokenizer.tokenize("Zebra, Überraschung 3½")
    assert len(pieces) > 3
    ids = tokenizer.convert_tokens_to_ids(pieces)
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids).replace(" ", "") == "zebra,überraschung3½"


def test_ids_are_padded_and_cut_to_the_length(tokenizer) -> None:  # type: ignore[no-untyped-def]
    ids = tokenize(tokenizer, ["", "a red house " * 100])
    assert ids.shape == (2, LENGTH)
    assert ids[0].tolist() == [tokenizer.bos_token_id] + [tokenizer.eos_token_id] * (LENGTH - 1)
    assert ids[1, -1] == tokenizer.eos_token_id


def test_the_pooled_output_depends_on_the_caption_and_not_on_the_padding(tokenizer) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    encoder = build_text_encoder(TextConfig(width=16, layers=1, heads=2), tokenizer)
    with torch.no_grad():
        one, other = encoder(tokenize(tokenizer, ["a red house", "a blue house"])).pooler_output
        short = encoder(torch.tensor([tokenizer("a red house")["input_ids"]])).pooler_output[0]
    assert (one - other).abs().max() > 1e-3
    torch.testing.assert_close(one, short)


def test_naming_loss_is_zero_for_sure_answers_and_passes_over_the_unknown() -> None:
    torch.manual_seed(0)
    head = naming_head(8)
    scores = torch.full((2, head.out_features), -50.0)
    answers = torch.zeros(2, len(ATTRIBUTES), dtype=torch.long)
    first = 0
    for values in ATTRIBUTES.values():
        scores[:, first] = 50.0
        first += len(values)
    assert naming_loss(scores, answers).item() == pytest.approx(0, abs=1e-6)
    answers[0, 0] = 1
    assert naming_loss(scores, answers).item() == pytest.approx(50)
    answers[0, 0] = -1
    assert naming_loss(scores, answers).item() == pytest.approx(0, abs=1e-6)
    assert naming_loss(scores, torch.full_like(answers, -1)).item() == 0
