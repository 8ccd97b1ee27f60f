"""Parameters described as data, so that sliders and command-line flags build themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.core.errors import BadInput

Value = float | str | bool
"""What an option can hold. Numbers are floats throughout, as JSON has them."""


@dataclass(frozen=True)
class Number:
    """A slider: minimum ≤ value ≤ maximum, in steps of `step`; `unit` is written behind it."""

    name: str
    label: str
    default: float
    minimum: float
    maximum: float
    step: float = 0.01
    help: str = ""
    unit: str = ""

    def check(self, value: Value) -> Value:
        # Not what the type says alone: values come from files that anyone may have written.
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.minimum <= value <= self.maximum
        ):
            raise BadInput(
                f"{self.label} must be between {self.minimum:g} and {self.maximum:g}, not {value}."
            )
        return float(value)


@dataclass(frozen=True)
class Choice:
    """One of several words; `choices` pairs each with its label."""

    name: str
    label: str
    default: str
    choices: tuple[tuple[str, str], ...]
    help: str = ""

    def check(self, value: Value) -> Value:
        words = [word for word, _ in self.choices]
        if value not in words:
            raise BadInput(f"{self.label} must be one of {', '.join(words)}, not {value}.")
        return value


@dataclass(frozen=True)
class Switch:
    """On or off."""

    name: str
    label: str
    default: bool = False
    help: str = ""

    def check(self, value: Value) -> Value:
        if not isinstance(value, bool):
            raise BadInput(f"{self.label} must be on or off, not {value}.")
        return value


Option = Number | Choice | Switch


def complete(options: tuple[Option, ...], given: Mapping[str, Value]) -> dict[str, Value]:
    """Every option's value: the given one, checked, or the default.

    Raises BadInput for a value out of range or a name that is none of the options.
    """
    known = {option.name: option for option in options}
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = ", ".join(known) or "none"
        raise BadInput(f"There is no option named {unknown[0]} here; there is: {names}.")
    return {
        name: option.check(given[name]) if name in given else option.default
        for name, option in known.items()
    }
