"""Networks built in a loop over a list that says what is in them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from grader.validate.compose.text import indented
from grader.validate.compose.tree import Item
from grader.validate.mutate import Stage

if TYPE_CHECKING:
    from grader.validate.compose.network import Spelling

NAME = "configured"
PLAIN = ("conv", "relu", "max_pool", "linear", "flatten")


def fits(items: tuple[Item, ...]) -> bool:
    """Nothing but plain layers with everything else at torch's defaults."""
    return all(isinstance(item, Stage) and _plain(item) for item in items)


def _plain(stage: Stage) -> bool:
    a = stage.attributes
    if stage.op == "conv":
        return bool(a["bias"]) and a["dilation"] == [1, 1] and a["groups"] == 1
    if stage.op == "max_pool":
        return bool(a["padding"] == [0, 0] and a["dilation"] == [1, 1])
    return stage.op in PLAIN and bool(a.get("bias", True))


def written(items: tuple[Item, ...], hand: Spelling) -> tuple[list[str], str]:
    stages = [item for item in items if isinstance(item, Stage)]
    hand.layers.lazy = False
    if _is_vgg(stages) and hand.dice.chance("VGG's list", 0.7):
        return _vgg(stages, hand)
    return _tuples(stages, hand)


def _tuples(stages: list[Stage], hand: Spelling) -> tuple[list[str], str]:
    """A row a layer, and a loop that knows the kinds."""
    rows = []
    for stage in stages:
        a = stage.attributes
        if stage.op == "conv":
            sizes = (a["in_channels"], a["out_channels"], a["kernel_size"][0], a["stride"][0], a["padding"][0])
            rows.append(f'("conv", {", ".join(map(str, sizes))}),')
        elif stage.op == "max_pool":
            rows.append(f'("pool", {a["kernel_size"][0]}, {a["stride"][0]}),')
        elif stage.op == "linear":
            rows.append(f'("fc", {a["in_features"]}, {a["out_features"]}),')
        else:
            rows.append(f'("{stage.op}",),')
    made = hand.dice.pick("loop", "append", "dictionary")
    if made == "append":
        loop = [
            "for kind, *args in ARCH:", '    if kind == "conv":', "        i, o, k, s, p = args",
            "        layers.append(nn.Conv2d(i, o, k, stride=s, padding=p))", '    elif kind == "pool":',
            "        layers.append(nn.MaxPool2d(*args))", '    elif kind == "fc":',
            "        layers.append(nn.Linear(*args))", '    elif kind == "flatten":',
            "        layers.append(nn.Flatten())", "    else:", "        layers.append(nn.ReLU())",
        ]  # fmt: skip
        before: list[str] = []
    else:
        before = ['KINDS = {"conv": nn.Conv2d, "pool": nn.MaxPool2d, "fc": nn.Linear, "relu": nn.ReLU, '
                  '"flatten": nn.Flatten}', ""]  # fmt: skip
        loop = ["for kind, *args in ARCH:", "    layers.append(KINDS[kind](*args))"]
    built = ["layers = []", *loop, "self.layers = nn.Sequential(*layers)"]
    steps = [f"return self.layers({hand.argument})"]
    if hand.dice.chance("layers in a list", 0.3):
        built[-1] = "self.layers = nn.ModuleList(layers)"
        steps = [f"for layer in self.layers:\n    {hand.argument} = layer({hand.argument})", f"return {hand.argument}"]
        steps = [line for step in steps for line in step.split("\n")]
    lines = ["ARCH = [", *indented(rows), "]", *before, "", *hand.class_(hand.names.cls, built, steps)]
    return lines, f"{hand.names.cls}()"


def _is_vgg(stages: list[Stage]) -> bool:
    """Convolutions that differ in their channels alone, a ReLU behind each, pools of 2."""
    convs = [stage for stage in stages if stage.op == "conv"]
    alike = len({repr({key: item for key, item in stage.attributes.items() if "channels" not in key})
                 for stage in convs}) == 1  # fmt: skip
    place = next((i for i, stage in enumerate(stages) if stage.op == "flatten"), 0)
    head, tail = stages[:place], stages[place + 1 :]
    behind = all(stage.op != "conv" or after.op == "relu" for stage, after in itertools.pairwise(head))
    relus = sum(stage.op == "relu" for stage in head) == len(convs)
    pools = all(stage.attributes["kernel_size"] == stage.attributes["stride"] == [2, 2]
                for stage in head if stage.op == "max_pool")  # fmt: skip
    ops = [stage.op for stage in tail]
    alternating = ops[::2] == ["linear"] * len(ops[::2]) and ops[1::2] == ["relu"] * len(ops[1::2])
    return alike and behind and relus and pools and alternating and bool(head) and head[-1].op != "conv"


def _vgg(stages: list[Stage], hand: Spelling) -> tuple[list[str], str]:
    place = next(i for i, stage in enumerate(stages) if stage.op == "flatten")
    head, tail = stages[:place], stages[place + 1 :]
    widths = ", ".join('"M"' if one.op == "max_pool" else str(one.attributes["out_channels"])
                       for one in head if one.op != "relu")  # fmt: skip
    first = head[0].attributes
    padding = f", padding={first['padding'][0]}" if first["padding"] != [0, 0] else ""
    stride = f", stride={first['stride'][0]}" if first["stride"] != [1, 1] else ""
    relu = hand.layers.relu_module
    function = [
        "def make_layers(cfg, in_channels=3):", "    layers = []", "    for v in cfg:", '        if v == "M":',
        "            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]", "        else:",
        f"            conv = nn.Conv2d(in_channels, v, kernel_size={first['kernel_size'][0]}{stride}{padding})",
        f"            layers += [conv, {relu}]", "            in_channels = v", "    return nn.Sequential(*layers)",
    ]  # fmt: skip
    sizes = [tail[0].attributes["in_features"], *(one.attributes["out_features"] for one in tail if one.op == "linear")]
    built = ["self.features = make_layers(CFG)"]
    if len(sizes) == 2:
        built.append(f"self.classifier = nn.Linear({sizes[0]}, {sizes[1]})")
    else:
        built += [
            f"sizes = {sizes}", "fc = []", "for a, b in zip(sizes[:-1], sizes[1:]):",
            "    fc += [nn.Linear(a, b), nn.ReLU()]", "self.classifier = nn.Sequential(*fc[:-1])",
        ]  # fmt: skip
    if len(tail) != 2 * len(sizes) - 3:
        return _tuples(stages, hand)
    x = hand.argument
    flat = hand.layers._flatten(sizes[0]).replace("{}", x)
    steps = [f"{x} = self.features({x})", f"{x} = {flat}", f"return self.classifier({x})"]
    lines = [f"CFG = [{widths}]", "", "", *function, "", "", *hand.class_(hand.names.cls, built, steps)]
    return lines, f"{hand.names.cls}()"
