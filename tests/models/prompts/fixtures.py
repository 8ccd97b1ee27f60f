"""Small tokenizers of the true kinds: any sign is a token, and to T5 a few words are."""

from __future__ import annotations

from typing import Any

from transformers import CLIPTokenizer, T5Tokenizer

SIGNS = [chr(code) for code in range(33, 127)]


def clip_tokenizer(pad: str = "<|endoftext|>") -> Any:
    """CLIP's: lower case, `</w>` behind the last letter of a word."""
    vocab = {"<|startoftext|>": 0, "<|endoftext|>": 1, "!": 2}
    for sign in SIGNS:
        for token in (sign, sign + "</w>"):
            vocab.setdefault(token, len(vocab))
    return CLIPTokenizer(vocab=vocab, merges=[], pad_token=pad, model_max_length=77)


def t5_tokenizer(length: int = 32) -> Any:
    """T5's: a space belongs to the word behind it, `</s>` ends the text."""
    words = ["a", "red", "boat", "sea", "sky", "at", "night"]
    vocab: list[tuple[str, float]] = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -9.0)]
    vocab += [("▁" + word, -2.0) for word in words] + [(sign, -12.0) for sign in SIGNS]
    return T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=length)
