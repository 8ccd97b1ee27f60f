"""Prompts that are read as a whole, with the weight of each of their words."""

from __future__ import annotations

import pytest
import torch

from studio.models.prompts.reading import read_whole
from tests.models.prompts.fixtures import t5_tokenizer

CPU = torch.device("cpu")
TOKENIZER = t5_tokenizer()
HOW = {"padding": "max_length", "max_length": 12, "truncation": True}


@pytest.mark.parametrize("prompt", ["", "a red boat at sea", "a " * 40])
def test_without_weights_it_is_the_tokenizer_itself(prompt: str) -> None:
    read = read_whole(prompt, TOKENIZER, CPU, **HOW)
    theirs = TOKENIZER(prompt, return_tensors="pt", **HOW)
    assert torch.equal(read.ids, theirs.input_ids)
    assert torch.equal(read.mask, theirs.attention_mask)
    z = torch.randn(1, 12, 4)
    assert read.weigh(z) is z


def test_weights_are_those_of_the_words_and_change_no_token() -> None:
    read = read_whole("a (red boat:1.5) at [sea]", TOKENIZER, CPU, **HOW)
    plain = TOKENIZER("a red boat at sea", return_tensors="pt", **HOW)
    assert torch.equal(read.ids, plain.input_ids)
    w = torch.tensor([1, 1.5, 1.5, 1, 1 / 1.1, *[1] * 7])
    assert torch.allclose(torch.tensor(read.weights), w)
    z = torch.randn(1, 12, 4)
    assert torch.allclose(read.weigh(z), z * w[None, :, None])


def test_the_words_of_a_template_have_no_weight() -> None:
    read = read_whole("(red) boat", TOKENIZER, CPU, before="at night ", after=" at sea", **HOW)
    plain = TOKENIZER("at night red boat at sea", return_tensors="pt", **HOW)
    assert torch.equal(read.ids, plain.input_ids)
    assert read.weights[:6] == (1, 1, 1.1, 1, 1, 1)


def test_a_break_is_a_space() -> None:
    read = read_whole("red BREAK boat", TOKENIZER, CPU, **HOW)
    assert torch.equal(read.ids, TOKENIZER("red boat", return_tensors="pt", **HOW).input_ids)
