"""A whole network in one of the containers that students use: attributes, Sequential in every form, ModuleList,
ModuleDict, configuration lists, base classes, factories."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.validate.compose import configured, groups
from grader.validate.compose.dice import Dice
from grader.validate.compose.layers import Layers
from grader.validate.compose.names import Names
from grader.validate.compose.statements import Statements
from grader.validate.compose.text import indented
from grader.validate.compose.tree import Block, blocks_of, own_output, signature, stages_of, tree
from grader.validate.mutate import Network, Stage

SUPERS = ("super().__init__()", "super().__init__()", "super({}, self).__init__()", "nn.Module.__init__(self)")
ARGUMENTS = ("x", "x", "x", "input", "img", "inputs", "t")
EXTRAS = ("", "", "", "", "", ", verbose=False", ", return_features=False", ", mask=None", ", *args", ", **kwargs")


@dataclass(frozen=True, kw_only=True)
class Spelled:
    """``lines`` define what ``constructor`` needs."""

    lines: list[str]
    constructor: str
    lazy: bool
    container: str


class Spelling:
    """One network in one hand."""

    def __init__(self, network: Network, names: Names, dice: Dice, *, right: bool, tail: str = "") -> None:
        self.dice, self.names = dice, names
        items = tree(network)
        if tail:
            items = (*items, Stage(name=tail, op=tail, inputs=()))
        self.items = items
        shared = any(stage.same_as for stage in stages_of(items))
        forms = ("attributes",) * 5 + ("raw",) + ("groups",) * 6 + (configured.NAME,) * 2
        form = "attributes" if shared else dice.pick("form", *forms)
        if form == configured.NAME and not configured.fits(items):
            form = "groups"
        self.form = form
        self.inline = shared or dice.chance("inline blocks", 0.35)
        self.layers = Layers(dice, right=right, raw=form == "raw")
        self.super_call = dice.pick("super", *SUPERS)
        self.before: list[str] = []  # helper functions and blocks' classes
        self.block_classes: dict[str, tuple[str, bool]] = {}
        self.argument = dice.pick("argument", *ARGUMENTS)

    def spelled(self) -> Spelled:
        if self.form in ("attributes", "raw"):
            lines, constructor = self._by_attributes()
        elif self.form == configured.NAME:
            lines, constructor = configured.written(self.items, self)
        else:
            lines, constructor = groups.written(self.items, self)
        whole = [*self.before, *lines]
        return Spelled(lines=whole, constructor=constructor, lazy=self.layers.lazy, container=self.form)

    # ---- classes -------------------------------------------------------------------------------------------------

    def class_(self, name: str, built: list[str], steps: list[str], arguments: str = "") -> list[str]:
        """A module class; now and then over a base class that has the forward."""
        forward = self._forward(steps)
        init = [f"def __init__(self{', ' + arguments if arguments else ''}):",
                *indented([self.super_call.format(name), *built])]  # fmt: skip
        base = "nn.Module"
        before: list[str] = []
        if not arguments and self.dice.chance("base class", 0.08):
            base = f"{name}Base"
            before = [f"class {base}(nn.Module):", *indented(forward), "", ""]
            forward = []
        elif self.dice.chance("Module imported", 0.05):
            before = ["from torch.nn import Module", "", ""]
            base = "Module"
        note = self.dice.pick("class note", [], [], [], ['"""My network for CIFAR-10."""'], ["# CIFAR-10 분류기"])
        body = [*note, *init, *([""] if forward else []), *forward]
        return [*before, f"class {name}({base}):", *indented(body), "", ""]

    def _forward(self, steps: list[str]) -> list[str]:
        extra = self.dice.pick("extra argument", *EXTRAS)
        typed = self.dice.chance("typed", 0.1)
        head = f"def forward(self, {self.argument}{': torch.Tensor' if typed else ''}{extra})"
        head += " -> torch.Tensor:" if typed else ":"
        shown = [f"if verbose:\n    print({self.argument}.shape)"] if "verbose" in extra else []
        return [head, *indented([line for text in shown for line in text.split("\n")] + steps)]

    def _by_attributes(self) -> tuple[list[str], str]:
        made = Statements(self.layers, self.dice, self.argument, blocks=None if self.inline else self.block)
        arguments = self.classes_argument()
        made.write(self.items)
        made.finish()
        built = made.built
        if self.dice.chance("construction shuffled", 0.25):
            built = self.dice.shuffled("construction", built)
        return self.class_(self.names.cls, built + self.initialised(), made.steps, arguments), f"{self.names.cls}()"

    def classes_argument(self) -> str:
        """The number of classes as an argument of the constructor."""
        if not self.layers.raw and self.dice.chance("classes argument", 0.15):
            self.layers.classes = "num_classes"
            return "num_classes=10"
        return ""

    def initialised(self) -> list[str]:
        """Weights set by hand, as many do."""
        if self.layers.lazy or self.layers.raw or not self.dice.chance("initialised", 0.12):
            return []
        way = self.dice.pick(
            "initialisation",
            'nn.init.kaiming_normal_(m.weight, nonlinearity="relu")',
            "nn.init.xavier_uniform_(m.weight)",
            "m.weight.data.normal_(0, 0.05)",
        )
        return ["for m in self.modules():", "    if isinstance(m, (nn.Conv2d, nn.Linear)):", f"        {way}"]

    # ---- blocks --------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> tuple[str, bool]:
        """The constructor of a block's class, written on first use; whether the class has the ReLU that follows."""
        key = signature(block)
        if key not in self.block_classes:
            self.block_classes[key] = self._block_class(block)
        return self.block_classes[key]

    def _block_class(self, block: Block) -> tuple[str, bool]:
        name = self.dice.pick("block class", "ResidualBlock", "ResBlock", "BasicBlock", "Block", "Residual")
        name += "" if not self.block_classes else str(len(self.block_classes) + 1)
        follows = self._relu_follows(block)
        inside = follows is not None and self.dice.chance("relu in the block", 0.75)
        made = Statements(self.layers, self.dice, self.argument)
        if made.variables == "x":
            made.variables = "out"
        made.input = "out"
        if self.dice.chance("block by Sequential", 0.2) and not self.layers.raw:
            body = list(stages_of(block.body))
            sequence = [one for before, stage in zip([None, *body], body, strict=False) for one in
                        self.layers.modules(stage, alone=own_output(before))]  # fmt: skip
            made.built = ["self.body = nn.Sequential(", *indented([f"{one}," for one in sequence]), ")"]
            made.expression, made.depth = f"self.body({self.argument})", 1
            made.flush()
        else:
            made.write(block.body, forked=True)
            made.flush()
        made.join(block, self.argument)
        if inside and follows is not None:
            made.behind = block
            made.write((follows,))
        made.finish()
        lines = self.class_(name, made.built, made.steps)
        constructor = f"{name}()"
        widths = self._widths(block)
        if widths is not None and self.dice.chance("block with arguments", 0.7):
            lines, constructor = self._parameterised(lines, name, widths)
        self.before += lines
        return constructor, inside

    def _relu_follows(self, block: Block) -> Stage | None:
        """The ReLU behind the block, where one is behind every block that shares its class."""
        found = None
        for one in blocks_of(self.items):
            position = self.items.index(one) if one in self.items else -1
            after = self.items[position + 1] if 0 <= position < len(self.items) - 1 else None
            if signature(one) != signature(block):
                continue
            if not isinstance(after, Stage) or after.op != "relu":
                return None
            found = found or after
        return found

    @staticmethod
    def _widths(block: Block) -> tuple[int, int] | None:
        convs = [stage.attributes for stage in stages_of(block.body) if stage.op == "conv"]
        if len(convs) == 2 and convs[0]["in_channels"] == convs[1]["out_channels"] != convs[0]["out_channels"] > 9:
            return convs[0]["in_channels"], convs[0]["out_channels"]
        return None

    def _parameterised(self, lines: list[str], name: str, widths: tuple[int, int]) -> tuple[list[str], str]:
        """The class with its channel counts as arguments."""
        outer, inner = self.dice.pick("widths", ("channels", "hidden"), ("in_ch", "mid_ch"), ("dim", "hidden_dim"))
        replaced = []
        for line in lines:
            if "def __init__(self)" in line:
                line = line.replace("(self)", f"(self, {outer}, {inner}={widths[1]})")
            elif "Conv2d(" in line or "nn.Parameter" in line or "norm" in line.lower():
                line = re.sub(rf"\b{widths[0]}\b", outer, line)
                line = re.sub(rf"\b{widths[1]}\b", inner, line)
            replaced.append(line)
        given = self.dice.pick("block call", f"{widths[0]}", f"{widths[0]}, {widths[1]}", f"{outer}={widths[0]}")
        return replaced, f"{name}({given})"
