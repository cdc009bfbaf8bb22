"""A network as attributes of a module, and a forward that says what happens, a statement or a nest of calls a line."""

from __future__ import annotations

from collections.abc import Callable

from grader.validate.compose.dice import Dice
from grader.validate.compose.layers import Layers
from grader.validate.compose.text import mark, unmarked
from grader.validate.compose.tree import Block, Item, own_output
from grader.validate.mutate import Stage

PREFIXES: dict[str, tuple[str, ...]] = {
    "conv": ("conv", "conv", "conv", "c", "convolution", "conv2d_", "합성"),
    "linear": ("fc", "fc", "fc", "linear", "dense", "f", "lin", "완전"),
    "relu": ("relu", "act", "activation"),
    "max_pool": ("pool", "pool", "maxpool", "mp", "down"),
    "avg_pool": ("avgpool", "pool_avg"),
}
OPERATORS = (" @ ", " * ", " + ", " / ", " > ")
Makes = Callable[[Block], tuple[str, bool]]  # the constructor of a block's class, and whether a ReLU is in it


class Statements:
    """Collects what goes into __init__ and into forward."""

    def __init__(self, layers: Layers, dice: Dice, variable: str = "x", *, blocks: Makes | None = None) -> None:
        self.layers, self.dice, self.blocks = layers, dice, blocks
        self.built: list[str] = []
        self.steps: list[str] = []
        self.expression = variable
        self.input = variable
        self.primary = True
        self.depth = 0
        self.behind: Item | None = None  # what stands before the part that is written
        self.count = 0
        self.taken: set[str] = set()
        self.shared: dict[str, str] = {}
        self.attributes: dict[str, str] = {}
        self.prefixes = {kind: dice.pick(f"{kind} name", *options) for kind, options in PREFIXES.items()}
        self.variables = dice.pick("variables", "x", "x", "out", "numbered", "h")
        self.nesting = dice.pick("nesting", 1, 2, 2, 3, 9)
        self.modules = {
            "relu": dice.pick("relu as", "function", "function", "one module", "modules"),
            "max_pool": dice.pick("pool as", "one module", "modules", "function"),
            "flatten": dice.pick("flatten as", "function", "function", "function", "modules"),
        }

    # ---- the parts -----------------------------------------------------------------------------------------------

    def write(self, items: tuple[Item, ...], *, forked: bool = False) -> None:
        """``forked``: something else reads what the first of the items reads."""
        position = 0
        while position < len(items):
            item = items[position]
            after = items[position + 1] if position + 1 < len(items) else None
            relu = after if isinstance(after, Stage) and after.op == "relu" else None
            if isinstance(item, Stage):
                before = items[position - 1] if position else self.behind
                self._stage(item, alone=own_output(before) and not (forked and position == 0))
            elif self.blocks is not None:
                position += self._made_block(item, relu)
            else:
                self._inline(item)
            position += 1
        self.behind = items[-1] if items else self.behind

    def finish(self) -> None:
        if self.steps and self.expression == self.steps[-1].split(" = ")[0] and self.dice.chance("return direct", 0.5):
            self.steps[-1] = "return " + self.steps[-1].split(" = ", 1)[1]
        else:
            self.steps.append(f"return {self.expression}")

    def _stage(self, stage: Stage, *, alone: bool) -> None:
        stage, pad = self.layers.pad_call(stage)
        if pad:
            self._apply(pad)
        if stage.same_as:
            self._apply(f"self.{self.attributes[stage.same_as]}({{}}){mark(stage.name)}")
            return
        weighted = stage.op in ("conv", "linear")
        if weighted and self.layers.raw:
            attribute = self._named(stage)
            lines, call = self.layers.own(stage, attribute)
            self.built += lines
            self._apply(call)
            return
        call = "" if weighted else self.layers.call(stage, alone=alone)
        how = self.modules.get(stage.op, "function")
        if call and how == "function":
            self._apply(call)
            return
        constructors = self.layers.modules(stage, alone=alone)
        for constructor in constructors:
            self._apply(f"self.{self._attribute(stage, constructor, share=how == 'one module')}({{}})")

    def _attribute(self, stage: Stage, constructor: str, *, share: bool) -> str:
        key = unmarked(constructor)
        if share and key in self.shared:
            return self.shared[key]
        attribute = self._named(stage, numbered=not share)
        self.shared[key] = attribute
        self.built.append(f"self.{attribute} = {constructor}")
        return attribute

    def _named(self, stage: Stage, *, numbered: bool = True) -> str:
        prefix = self.prefixes.get(stage.op, stage.op)
        number = 1
        name = f"{prefix}1" if numbered else prefix
        while name in self.taken:
            number += 1
            name = f"{prefix}{number}"
        self.taken.add(name)
        self.attributes[stage.name] = name
        return name

    # ---- statements ----------------------------------------------------------------------------------------------

    def _apply(self, template: str) -> None:
        operand = template.startswith("{}")
        if template.count("{}") > 1 or "{} @" in template or (operand and not self.primary):
            self.flush()
        self.expression = template.replace("{}", self.expression)
        self.primary = not any(operator in template for operator in OPERATORS)
        self.depth += 1
        if self.depth >= self.nesting:
            self.flush()

    def flush(self) -> None:
        """What was nested becomes a statement."""
        if not self.depth:
            return
        self.count += 1
        target = {"x": self.input, "out": "out", "h": "h", "numbered": f"h{self.count}"}[self.variables]
        self.steps.append(f"{target} = {self.expression}")
        self.expression, self.depth, self.primary = target, 0, True

    # ---- blocks --------------------------------------------------------------------------------------------------

    def _made_block(self, block: Block, relu: Stage | None) -> int:
        """A block by a class of its own; 1 if its class has the ReLU that follows."""
        assert self.blocks is not None
        constructor, inside = self.blocks(block)
        attribute = self._named(Stage(name=block.join.name, op=self.dice.pick("block name", "block", "res", "layer"),
                                      inputs=()))  # fmt: skip
        self.built.append(f"self.{attribute} = {constructor}")
        self._apply(f"self.{attribute}({{}})")
        return 1 if inside and relu is not None else 0

    def _inline(self, block: Block) -> None:
        self.flush()
        around = self.expression
        if self.variables != "numbered" or self.dice.chance("identity said", 0.5):
            around = self.dice.pick("around", "identity", "residual", "shortcut", "skip", "inp")
            around = around if not any(line.startswith(f"{around} =") for line in self.steps) else f"{around}_2"
            self.steps.append(f"{around} = {self.expression}")
        self.write(block.body, forked=True)
        self.flush()
        self.join(block, around)

    def join(self, block: Block, around: str) -> None:
        """Bring ``expression``, flushed, and ``around`` together."""
        body = self.expression
        line = joined(block, body, around, self.dice)
        if line.startswith(f"{body} +="):
            self.steps.append(line + mark(block.join.name))
            return
        self.expression, self.depth, self.primary = line + mark(block.join.name), 1, "(" in line and " + " not in line
        if self.depth >= self.nesting:
            self.flush()


def joined(block: Block, body: str, around: str, dice: Dice) -> str:
    """An expression, or a statement with +=."""
    last = block.body[-1]
    weights = block.weights
    if block.join.op == "concat":
        return f"torch.cat([{around}, {body}], dim=1)"
    if block.join.op == "product":
        return f"{body} * {around}"
    if weights != (1.0, 1.0):
        terms = [f"{weight:g} * {name}" if weight != 1 else name
                 for weight, name in zip(weights, (body, around), strict=True)]  # fmt: skip
        return " + ".join(terms)
    ways = [
        f"{body} + {around}", f"{around} + {body}", f"{body} + {around}", f"torch.add({body}, {around})",
        f"{body}.add({around})", f"sum([{body}, {around}])", f"torch.stack([{body}, {around}]).sum(0)",
        f"torch.add({around}, {body}, alpha=1)", f"sum(({around}, {body}))",
    ]  # fmt: skip
    if isinstance(last, Stage) and last.op == "conv" and body != around:
        ways += [f"{body} += {around}"] * 3 + [f"{body}.add_({around})"]
    return dice.pick("addition", *ways)
