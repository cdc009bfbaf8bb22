"""Every choice of a composed program comes from one generator, so that a seed names the program."""

from __future__ import annotations

import random
from typing import TypeVar

Option = TypeVar("Option")


class Dice:
    """Choices by name; ``thrown`` keeps what came out, for whoever looks at a failure."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.thrown: dict[str, str] = {}

    def pick(self, name: str, *options: Option) -> Option:
        """One of the options; one that stands there twice is twice as likely."""
        chosen = options[self.random.randrange(len(options))]
        self.thrown[name] = str(chosen)[:60]
        return chosen

    def chance(self, name: str, probability: float) -> bool:
        happened = self.random.random() < probability
        if happened:
            self.thrown[name] = "yes"
        return happened

    def shuffled(self, name: str, lines: list[str]) -> list[str]:
        self.thrown[name] = "shuffled"
        return self.random.sample(lines, len(lines))
