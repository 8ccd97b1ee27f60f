"""Changes made to a recipe while its run was going."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from studio.core.adapters import Adapter
from studio.core.options import Value

EDITABLE = (
    "prompt",
    "negative_prompt",
    "guidance_scale",
    "guidance_rescale",
    "sampler_options",
    "adapters",
)
"""The recipe's fields that can change between two steps."""

Changed = Value | Mapping[str, Value] | tuple[Adapter, ...]


@dataclass(frozen=True)
class Edit:
    """From the beginning of step `step` on, these values hold in the place of those before.

    `changes` has names of `EDITABLE` only; options and adapters are given all together. `mask`: the
    sha256 of a mask kept in the library; "" leaves the mask as it is. Outside it a fill stays the
    picture that it is part of, and any other run what x̂0 of the step before shows.
    """

    step: int
    changes: Mapping[str, Changed] = field(default_factory=dict)
    mask: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", MappingProxyType(dict(self.changes)))

    def without(self, names: Collection[str]) -> Edit:
        """The same, but for the fields of these names."""
        return replace(self, changes={k: v for k, v in self.changes.items() if k not in names})

    def to_json(self) -> dict[str, Any]:
        changes = {name: _plain(value) for name, value in self.changes.items()}
        data: dict[str, Any] = {"step": self.step, "changes": changes}
        return data | ({"mask": self.mask} if self.mask else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Edit:
        """Read what `to_json` wrote. Raises TypeError, KeyError or ValueError for else."""
        changes = {k: _read(k, v) for k, v in dict(data["changes"]).items() if k in EDITABLE}
        return cls(int(data["step"]), changes, str(data.get("mask", "")))


def _plain(value: Changed) -> Any:
    if isinstance(value, tuple):
        return [adapter.to_json() for adapter in value]
    return dict(value) if isinstance(value, Mapping) else value


def _read(name: str, value: Any) -> Any:
    """A value of the type that the recipe's field of this name has. Raises TypeError."""
    if name == "sampler_options":
        return dict(value)
    if name == "adapters":
        return tuple(Adapter.from_json(one) for one in value)
    if name.startswith("guidance"):
        return float(value)
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r}")
    return value
