"""Networks of containers: the layers in groups, each a Sequential or a list in one of the forms people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.validate.compose.text import indented, unmarked
from grader.validate.compose.tree import Block, Item, own_output
from grader.validate.mutate import Stage

if TYPE_CHECKING:
    from grader.validate.compose.network import Spelling

Named = tuple[str, str]  # a layer's name, its constructor
ONE = ("sequential", "sequential", "ordered", "add_module", "appended", "list", "dict", "indexed", "starred")


def written(items: tuple[Item, ...], hand: Spelling) -> tuple[list[str], str]:
    """(definitions, constructor)."""
    split = hand.dice.pick("groups", "one", "one", "two", "two", "many", "many")
    parts = _split(items, split)
    if split == "one" and hand.dice.chance("no class", 0.35):
        return _bare(_modules(parts[0][1], hand), hand)
    arguments = hand.classes_argument()
    form = hand.dice.pick("group form", *ONE)
    built: list[str] = []
    steps: list[str] = []
    x = hand.argument
    for name, part in parts:
        if name == "flatten":
            call = hand.layers._flatten(_features(part)) if hand.dice.chance("flatten said", 0.8) else ""
            if call:
                steps.append(f"{x} = {call.replace('{}', x)}")
            else:
                built.append("self.flatten = nn.Flatten()")
                steps.append(f"{x} = self.flatten({x})")
            continue
        lines, step = _group(name, _modules(part, hand), form, hand)
        built += lines
        steps += step
    if hand.dice.chance("return direct", 0.5) and steps[-1].startswith(f"{x} = "):
        steps[-1] = "return " + steps[-1].removeprefix(f"{x} = ")
    else:
        steps.append(f"return {x}")
    return hand.class_(hand.names.cls, built + hand.initialised(), steps, arguments), f"{hand.names.cls}()"


def _features(part: tuple[Item, ...]) -> int:
    first = part[0]
    assert isinstance(first, Stage)
    return int(first.attributes["features"])


def _split(items: tuple[Item, ...], how: str) -> list[tuple[str, tuple[Item, ...]]]:
    """Named groups; a flattening between groups is one of its own, to be said in forward."""
    if how == "one":
        return [("layers", items)]
    place = next((i for i, one in enumerate(items) if isinstance(one, Stage) and one.op == "flatten"), None)
    if place is None:
        return [("layers", items)]
    head, tail = items[:place], items[place + 1 :]
    flat = ("flatten", items[place : place + 1])
    if how == "two":
        return [("features", head), flat, ("classifier", tail)]
    groups: list[list[Item]] = []
    for item in head:
        opens = isinstance(item, Block) or (isinstance(item, Stage) and item.op == "conv")
        if not groups or (opens and any(_opens(one) for one in groups[-1])):
            groups.append([])
        groups[-1].append(item)
    return [*((f"layer{i}", tuple(group)) for i, group in enumerate(groups, 1)), flat, ("fc", tail)]


def _opens(item: Item) -> bool:
    return isinstance(item, Block) or item.op == "conv"


def _modules(part: tuple[Item, ...], hand: Spelling) -> list[Named]:
    """The constructors of a group's layers."""
    found: list[Named] = []
    position = 0
    while position < len(part):
        item = part[position]
        if isinstance(item, Block):
            constructor, inside = hand.block(item)
            found.append((f"block{len(found)}", constructor))
            after = part[position + 1] if position + 1 < len(part) else None
            position += inside and isinstance(after, Stage) and after.op == "relu"
        else:
            before = part[position - 1] if position else None
            for constructor in hand.layers.modules(item, alone=own_output(before)):
                found.append((f"{item.op}{len(found) + 1}", constructor))
        position += 1
    return _helped(found, hand)


def _helped(layers: list[Named], hand: Spelling) -> list[Named]:
    """A convolution and its ReLU by a helper, where this student has one."""
    if hand.layers.lazy or not hand.dice.chance("helper", 0.2):
        return layers
    name = hand.dice.pick("helper name", "conv_relu", "conv_block", "ConvReLU", "make_conv")
    made: list[Named] = []
    used = ""
    for layer, constructor in layers:
        activation = unmarked(constructor)
        inner = unmarked(made[-1][1]) if made else ""
        if inner.startswith("nn.Conv2d(") and activation.startswith("nn.ReLU(") and used in ("", activation):
            used = activation
            # unmarked: which line is to be mended, the helper's or this one, is the student's choice
            made[-1] = (made[-1][0], inner.replace("nn.Conv2d(", f"{name}("))
        else:
            made.append((layer, constructor))
    if not used or any(line.startswith(("def ", "class ")) and f" {name}(" in line for line in hand.before):
        return layers
    if name == "ConvReLU":
        helper = ["class ConvReLU(nn.Module):", "    def __init__(self, *args, **kwargs):",
                  "        super().__init__()",
                  "        self.conv = nn.Conv2d(*args, **kwargs)", f"        self.act = {used}", "",
                  "    def forward(self, x):", "        return self.act(self.conv(x))", "", ""]  # fmt: skip
    else:
        helper = [f"def {name}(*args, **kwargs):",
                  f"    return nn.Sequential(nn.Conv2d(*args, **kwargs), {used})", "", ""]  # fmt: skip
    hand.before += helper
    return made


def _group(name: str, layers: list[Named], form: str, hand: Spelling) -> tuple[list[str], list[str]]:
    """(lines of the constructor, steps of forward) of one group."""
    x, me = hand.argument, f"self.{name}"
    call = [f"{x} = {me}({x})"]
    constructors = [one for _, one in layers]
    if form == "sequential" or len(layers) == 1:
        if len(layers) == 1:
            return [f"{me} = {constructors[0]}"], call
        if len(layers) < 4 and hand.dice.chance("on one line", 0.5):
            return [f"{me} = nn.Sequential({', '.join(constructors)})"], call
        return [f"{me} = nn.Sequential(", *indented([f"{one}," for one in constructors]), ")"], call
    if form == "ordered":
        rows = [f'("{key}", {one}),' for key, one in layers]
        return [f"{me} = nn.Sequential(OrderedDict([", *indented(rows), "]))"], call
    if form == "add_module":
        return [f"{me} = nn.Sequential()", *(f'{me}.add_module("{key}", {one})' for key, one in layers)], call
    if form == "appended":
        grown = [
            f"{name}.append({one})" if hand.dice.chance("append", 0.6) else f"{name} += [{one}]" for one in constructors
        ]
        return [f"{name} = []", *grown, f"{me} = nn.Sequential(*{name})"], call
    if form == "starred":
        rows = [f"{one}," for one in constructors]
        return [f"{name} = [", *indented(rows), "]", f"{me} = nn.Sequential(*{name})"], call
    if form == "dict":
        rows = [f'"{key}": {one},' for key, one in layers]
        loop = hand.dice.pick(
            "dict loop",
            [f"for layer in {me}.values():", f"    {x} = layer({x})"],
            [f"for name in {me}:", f"    {x} = {me}[name]({x})"],
            [f"for _, layer in {me}.items():", f"    {x} = layer({x})"],
        )
        return [f"{me} = nn.ModuleDict({{", *indented(rows), "})"], loop
    made = [f"{me} = nn.ModuleList([", *indented([f"{one}," for one in constructors]), "])"]
    if form == "indexed":
        return made, [f"for i in range(len({me})):", f"    {x} = {me}[i]({x})"]
    return made, [f"for layer in {me}:", f"    {x} = layer({x})"]


def _bare(layers: list[Named], hand: Spelling) -> tuple[list[str], str]:
    """No class at all: a Sequential where it is needed, or from a function."""
    rows = indented([f"{one}," for _, one in layers])
    if hand.dice.chance("from a function", 0.5):
        name = hand.dice.pick("builder", "build_model", "make_net", "get_model", "create_network")
        return [f"def {name}():", *indented(["return nn.Sequential(", *rows, ")"]), "", ""], f"{name}()"
    return ["layers = [", *rows, "]", ""], "nn.Sequential(*layers)"
