"""What was worked out once and would come to the same again, kept within a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

KEPT = 256 * 2**20
"""Bytes: some hundred prompts of the largest text encoders, thousands of CLIP's."""


class Memo:
    """Values by key, those used longest ago going first.

    They are made of tensors, in tuples, lists, dictionaries and data classes; kept in the
    machine's memory, so that they stay when a model leaves the device, and handed out on `device`.
    """

    def __init__(self, device: torch.device, limit: int = KEPT) -> None:
        self._device, self._limit = device, limit
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes of all that is kept."""
        return sum(map(_size, self._kept.values()))

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of this key; made if it is not kept. The same bits either way."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return _on(self._kept[key], self._device)
        made = make()
        self._kept[key] = _on(made, torch.device("cpu"))
        while len(self._kept) > 1 and self.size > self._limit:
            self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget all, since the same key would no longer give the same value."""
        self._kept.clear()


def _on(value: Any, device: torch.device) -> Any:
    match value:
        case Tensor():
            return value.to(device)
        case tuple() | list():
            return type(value)(_on(item, device) for item in value)
        case dict():
            return {name: _on(item, device) for name, item in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            return replace(value, **_on(named, device))
        case _:
            return value


def _size(value: Any) -> int:
    match value:
        case Tensor():
            return value.nbytes
        case tuple() | list():
            return sum(map(_size, value))
        case dict():
            return sum(map(_size, value.values()))
        case _ if is_dataclass(value):
            return sum(_size(getattr(value, field.name)) for field in fields(value))
        case _:
            return 0
