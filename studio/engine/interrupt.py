"""Cancelling inside a slow network: its blocks ask before they compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from torch import nn

from studio.core.errors import Cancelled


def check(cancel: Event) -> None:
    """Raises Cancelled if the person has asked to stop."""
    if cancel.is_set():
        raise Cancelled


@contextmanager
def interruptible(networks: Sequence[nn.Module], cancel: Event) -> Iterator[None]:
    """While this lasts, every call of one of `networks` raises Cancelled once `cancel` is set."""

    def ask(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        check(cancel)

    handles = [network.register_forward_pre_hook(ask) for network in networks]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
