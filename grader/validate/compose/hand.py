"""What the parts of one program share: its choices, names, settings and the mistakes that it is to hold."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.records import Recipe
from grader.validate.compose.dice import Dice
from grader.validate.compose.names import Names
from grader.validate.compose.text import mark

STYLES = ("literal", "literal", "literal", "constants", "constants", "dataclass", "argparse", "dict", "namespace")


@dataclass(kw_only=True)
class Settings:
    """Numbers of the program and how they are kept: written where they are used, or all together at the top."""

    style: str
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        if self.style == "literal" or name not in self.values:
            return self.values[name]
        return {
            "constants": name.upper(), "dataclass": f"cfg.{name}", "argparse": f"args.{name}",
            "dict": f'config["{name}"]', "namespace": f"hp.{name}",
        }[self.style]  # fmt: skip

    def lines(self) -> list[str]:
        rows = list(self.values.items())
        if self.style == "constants":
            return [f"{name.upper()} = {value}" for name, value in rows]
        if self.style == "dataclass":
            typed = [
                f"    {name}: {'float' if '.' in value or 'e' in value else 'int'} = {value}" for name, value in rows
            ]
            return ["@dataclass", "class Config:", *typed, "", "", "cfg = Config()"]
        if self.style == "argparse":
            kinds = [(name, "float" if "." in value or "e" in value else "int", value) for name, value in rows]
            added = [f'parser.add_argument("--{name}", type={kind}, default={value})' for name, kind, value in kinds]
            return ['parser = argparse.ArgumentParser(description="CIFAR-10")', *added, "args = parser.parse_args()"]
        if self.style == "dict":
            return ["config = {", *(f'    "{name}": {value},' for name, value in rows), "}"]
        if self.style == "namespace":
            return [f"hp = SimpleNamespace({', '.join(f'{name}={value}' for name, value in rows)})"]
        return []


@dataclass(kw_only=True)
class Hand:
    dice: Dice
    names: Names
    settings: Settings
    recipe: Recipe
    mistakes: frozenset[str] = frozenset()  # by their names in loops.py
    optimizer: str = ""  # the class, and the arguments beside the parameters
    arguments: dict[str, str] = field(default_factory=dict)
    outputs: int = 10  # of the network, as it is
    modal: bool = False  # the network has layers that differ between training and test
    tail: str = ""  # "log_softmax" where the network ends in one
    in_loop: bool = False  # pictures are normalised in the loops
    device: str = ""  # "", "to", "cuda"
    korean: bool = False
    commented: bool = False

    def has(self, *names: str) -> bool:
        return any(name in self.mistakes for name in names)

    def note(self, english: str, korean: str) -> list[str]:
        """A comment, where this student writes any."""
        if not self.commented or self.dice.chance("no comment here", 0.3):
            return []
        return [f"# {korean if self.korean else english}"]

    def moved(self, *variables: str) -> list[str]:
        """The batch on its device, normalised where that is done in the loop."""
        lines: list[str] = []
        device = self.names.device
        if self.device == "to":
            if self.dice.chance("moved on one line", 0.6):
                lines.append(f"{', '.join(variables)} = {', '.join(f'{one}.to({device})' for one in variables)}")
            else:
                lines += [f"{one} = {one}.to({device})" for one in variables]
        elif self.device == "cuda":
            lines += ["if torch.cuda.is_available():", *(f"    {one} = {one}.cuda()" for one in variables)]
        if self.in_loop and not self.has("not_normalised"):
            lines.append(f"{variables[0]} = ({variables[0]} - 0.5) / 0.5")
        if self.dice.chance("Variable", 0.03):
            lines.append(f"{', '.join(variables)} = {', '.join(f'Variable({one})' for one in variables)}")
        return lines

    def marked(self, name: str) -> str:
        return mark(name) if name in self.mistakes else ""


def settings(dice: Dice, recipe: Recipe, arguments: dict[str, str]) -> Settings:
    """The numbers that this program names; those of the optimizer are among them."""
    values = {
        "batch_size": dice.pick("batch size", "4", "4", "8", "16", "32", "64", "100", "128"),
        "epochs": dice.pick("epochs", "1", "2", "2", "5", "10", "20", "100"),
    }
    style = dice.pick("settings", *STYLES)
    for name, value in arguments.items():
        if name in ("lr", "momentum", "weight_decay") and style != "literal":
            values[name] = value
    return Settings(style=style, values=values)
