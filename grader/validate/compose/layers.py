"""How a single layer is spelled: as a module, as a function, or by parameters of the student's own."""

from __future__ import annotations

import dataclasses
from typing import Any

from grader.validate.compose.dice import Dice
from grader.validate.compose.text import mark
from grader.validate.mutate import FUNCTIONS, Stage

MODULES = {
    "leaky_relu": "nn.LeakyReLU(0.1)", "elu": "nn.ELU()", "tanh": "nn.Tanh()", "sigmoid": "nn.Sigmoid()",
    "gelu": "nn.GELU()", "relu6": "nn.ReLU6()", "softmax": "nn.Softmax(dim=1)", "softplus": "nn.Softplus()",
    "log_softmax": "nn.LogSoftmax(dim=1)",
}  # fmt: skip
CALLS = {**FUNCTIONS, "log_softmax": "F.log_softmax({}, dim=1)"}
RELU_MODULES = ("nn.ReLU()", "nn.ReLU()", "nn.ReLU()", "nn.ReLU(inplace=False)")
RELU_MODULES_IN_PLACE = ("nn.ReLU(inplace=True)", "nn.ReLU(True)")
RELU_MODULES_ODD = ("nn.Threshold(0, 0)", "nn.LeakyReLU(negative_slope=0.0)")
RELU_CALLS = ("F.relu({})", "F.relu({})", "F.relu({})", "torch.relu({})", "{}.relu()")
RELU_CALLS_IN_PLACE = ("F.relu({}, inplace=True)", "{}.relu_()", "F.relu_({})", "torch.relu_({})", "{}.clamp_(min=0)")
RELU_CALLS_ODD = (
    "{}.clamp(min=0)", "torch.clamp({}, min=0)", "torch.clamp_min({}, 0.0)", "F.threshold({}, 0, 0)",
    "torch.maximum({}, torch.zeros_like({}))", "torch.where({} > 0, {}, torch.zeros_like({}))", "{} * ({} > 0)",
    "({} + {}.abs()) / 2", "F.leaky_relu({}, 0.0)", "torch.nn.functional.relu({})", "{}.clamp_min(0)",
)  # fmt: skip
FACTORS = {400: "16 * 5 * 5", 4096: "64 * 8 * 8"}


class Layers:
    """The spellings of one network: habits drawn once, and an exception now and then."""

    def __init__(self, dice: Dice, *, right: bool, raw: bool = False) -> None:
        self.dice = dice
        self.right = right  # an adaptive pool is a pool only where sizes are the handout's
        self.raw = raw
        self.lazy = right and not raw and dice.chance("lazy", 0.06)
        self.naming = dice.pick("arguments", "positional", "positional", "kernel", "keywords")
        self.window = dice.pick("windows", "int", "int", "int", "tuple")
        self.padding = dice.pick("padding", "number", "number", "number", "same", "pad", "tuple")
        self.odd = dice.chance("odd relus", 0.15)
        self.in_place = dice.chance("in place", 0.25)
        self.relu_module = dice.pick("relu module", *RELU_MODULES)
        self.relu_call = dice.pick("relu call", *RELU_CALLS)
        self.pool_style = dice.pick("pool", "two", "two", "one", "keywords", "tuple")
        self.adaptive = right and dice.chance("adaptive", 0.08)
        self.classes = "10"  # what the last layer's size is called

    # ---- modules -----------------------------------------------------------------------------------------------

    def modules(self, stage: Stage, *, alone: bool = True) -> list[str]:
        """The constructors that make this stage, one after the other. ``alone``: nothing else reads its input."""
        a = stage.attributes
        if stage.op == "conv":
            pad = f"nn.ZeroPad2d({a['padding'][0]})" if self._padded_before(stage) else ""
            stage = stage.changed(padding=[0, 0]) if pad else stage
            return ([pad] if pad else []) + [self._conv(stage) + mark(stage.name)]
        if stage.op == "linear":
            return [self._linear(stage) + mark(stage.name)]
        if stage.op in ("max_pool", "avg_pool"):
            return [self._pool(stage) + mark(stage.name)]
        if stage.op == "relu":
            return [self._relu(alone, RELU_MODULES_IN_PLACE, RELU_MODULES_ODD, self.relu_module) + mark(stage.name)]
        if stage.op == "flatten":
            return [self.dice.pick("flatten module", "nn.Flatten()", "nn.Flatten()", "nn.Flatten(start_dim=1)")]
        if stage.op == "module":
            return [str(a["constructor"]) + mark(stage.name)]
        return [MODULES[stage.op] + mark(stage.name)]

    def _padded_before(self, stage: Stage) -> bool:
        a = stage.attributes
        return self.padding == "pad" and a["padding"][0] > 0 and a["padding"][0] == a["padding"][1]

    def _conv(self, stage: Stage) -> str:
        a = stage.attributes
        kernel, stride = self._pair(a["kernel_size"]), self._pair(a["stride"])
        sizes = f"{a['in_channels']}, {a['out_channels']}"
        if self.naming == "keywords":
            sizes = f"in_channels={a['in_channels']}, out_channels={a['out_channels']}"
        if self.lazy:
            sizes = f"{a['out_channels']}"
        parts = [sizes, kernel if self.naming == "positional" else f"kernel_size={kernel}"]
        if a["stride"] != [1, 1] or self.dice.chance("stride said", 0.15):
            parts.append(f"stride={stride}")
        if a["padding"] != [0, 0] or self.dice.chance("padding said", 0.1):
            parts.append(f"padding={self._said_padding(a)}")
        parts += [f"dilation={self._pair(a['dilation'])}"] if a["dilation"] != [1, 1] else []
        parts += [f"groups={a['groups']}"] if a["groups"] != 1 else []
        if not a["bias"] or self.dice.chance("bias said", 0.05):
            parts.append(f"bias={a['bias']}")
        return f"nn.{'Lazy' if self.lazy else ''}Conv2d({', '.join(parts)})"

    def _said_padding(self, a: dict[str, Any]) -> str:
        kept = [2 * pad == dilation * (kernel - 1) for pad, dilation, kernel in
                zip(a["padding"], a["dilation"], a["kernel_size"], strict=True)]  # fmt: skip
        if self.padding == "same" and all(kept) and a["stride"] == [1, 1] and a["padding"] != [0, 0]:
            return '"same"'
        return f"({a['padding'][0]}, {a['padding'][1]})" if self.padding == "tuple" else self._pair(a["padding"])

    def _linear(self, stage: Stage) -> str:
        a = stage.attributes
        inner = str(a["in_features"])
        if a["in_features"] in FACTORS and self.dice.chance("factors", 0.5):
            inner = FACTORS[a["in_features"]]
        outer = self.classes if a["out_features"] == 10 else str(a["out_features"])
        sizes = f"in_features={inner}, out_features={outer}" if self.naming == "keywords" else f"{inner}, {outer}"
        sizes = outer if self.lazy else sizes
        bias = "" if a["bias"] and not self.dice.chance("bias said", 0.05) else f", bias={a['bias']}"
        return f"nn.{'Lazy' if self.lazy else ''}Linear({sizes}{bias})"

    def _pool(self, stage: Stage) -> str:
        a = stage.attributes
        name = "Max" if stage.op == "max_pool" else "Avg"
        if self.adaptive:
            return f"nn.Adaptive{name}Pool2d({self._pair(list(stage.shape[1:]))})"
        return f"nn.{name}Pool2d({self._pool_arguments(a)})"

    def _pool_arguments(self, a: dict[str, Any]) -> str:
        kernel, stride = self._pair(a["kernel_size"]), self._pair(a["stride"])
        rest = [f"padding={self._pair(a['padding'])}"] if a["padding"] != [0, 0] else []
        rest += [f"dilation={self._pair(a['dilation'])}"] if a.get("dilation", [1, 1]) != [1, 1] else []
        if self.pool_style == "one" and kernel == stride:
            return ", ".join([kernel, *rest])
        if self.pool_style == "keywords":
            return ", ".join([f"kernel_size={kernel}", f"stride={stride}", *rest])
        if self.pool_style == "tuple":
            return ", ".join([f"({kernel}, {kernel})" if kernel.isdigit() else kernel, f"stride={stride}", *rest])
        return ", ".join([kernel, stride, *rest])

    def _pair(self, pair: list[int]) -> str:
        return str(pair[0]) if pair[0] == pair[1] and self.window == "int" else f"({pair[0]}, {pair[1]})"

    def _relu(self, alone: bool, in_place: tuple[str, ...], odd: tuple[str, ...], usual: str) -> str:
        if self.odd and self.dice.chance("this relu is odd", 0.6):
            return self.dice.pick("odd relu", *odd)
        if self.in_place and alone:
            return self.dice.pick("relu in place", *in_place)
        return usual

    # ---- functions ---------------------------------------------------------------------------------------------

    def call(self, stage: Stage, *, alone: bool = True) -> str:
        """The stage as a function of "{}", "" where it has weights of its own."""
        a = stage.attributes
        if stage.op == "relu":
            return self._relu(alone, RELU_CALLS_IN_PLACE, RELU_CALLS_ODD, self.relu_call) + mark(stage.name)
        if stage.op in ("max_pool", "avg_pool"):
            return self._pool_call(stage) + mark(stage.name)
        if stage.op == "flatten":
            return self._flatten(a["features"])
        if stage.op in CALLS:
            return CALLS[stage.op] + mark(stage.name)
        return ""

    def _pool_call(self, stage: Stage) -> str:
        name = "max" if stage.op == "max_pool" else "avg"
        if self.right and stage.shape[1:] == (1, 1) and self.dice.chance("pool over all", 0.6):
            over_all = {"max": ("{}.amax(dim=(2, 3))", "F.adaptive_max_pool2d({}, 1)", "torch.amax({}, (2, 3))"),
                        "avg": ("{}.mean(dim=(2, 3))", "F.adaptive_avg_pool2d({}, 1)", "{}.mean([2, 3])",
                                "{}.mean(3).mean(2)", "{}.flatten(2).mean(2)")}  # fmt: skip
            return self.dice.pick("over all", *over_all[name])
        if self.adaptive:
            return f"F.adaptive_{name}_pool2d({{}}, {self._pair(list(stage.shape[1:]))})"
        place = self.dice.pick("pool call", "F.", "F.", "torch.", "nn.functional.") if name == "max" else "F."
        return f"{place}{name}_pool2d({{}}, {self._pool_arguments(stage.attributes)})"

    def _flatten(self, features: int) -> str:
        said = FACTORS.get(features, str(features)) if self.dice.chance("factors", 0.5) else str(features)
        return self.dice.pick(
            "flatten",
            "torch.flatten({}, 1)", "{}.flatten(1)", f"{{}}.view(-1, {said})", "{}.view({}.size(0), -1)",
            "{}.reshape({}.shape[0], -1)", f"{{}}.reshape(-1, {said})", "torch.flatten({}, start_dim=1)",
            "{}.view(len({}), -1)", f"torch.reshape({{}}, (-1, {said}))", "{}.flatten(start_dim=1)",
        )  # fmt: skip

    # ---- parameters of one's own ---------------------------------------------------------------------------------

    def own(self, stage: Stage, attribute: str) -> tuple[list[str], str]:
        """(lines of the constructor, call) of a convolution or linear layer by its parameters."""
        a = stage.attributes
        if stage.op == "conv":
            shape = [a["out_channels"], a["in_channels"] // a["groups"], *a["kernel_size"]]
            rest = "".join(f", {key}={self._pair(a[key])}" for key in ("stride", "padding", "dilation")
                           if a[key] != ([0, 0] if key == "padding" else [1, 1]))  # fmt: skip
            rest += f", groups={a['groups']}" if a["groups"] != 1 else ""
            bias = f"self.{attribute}_b" if a["bias"] else "None"
            call = f"F.conv2d({{}}, self.{attribute}_w, {bias}{rest})"
        else:
            shape = [a["out_features"], a["in_features"]]
            bias = f"self.{attribute}_b"
            by_hand = (f"{{}} @ self.{attribute}_w.t() + {bias}", f"torch.addmm({bias}, {{}}, self.{attribute}_w.t())")
            call = f"F.linear({{}}, self.{attribute}_w, {bias})"
            call = self.dice.pick("linear by hand", call, *by_hand)
            if not a["bias"]:
                call = f"F.linear({{}}, self.{attribute}_w)"
        size = ", ".join(map(str, shape))
        made = self.dice.pick("parameter", f"torch.randn({size}) * 0.05", f"torch.empty({size}).uniform_(-0.05, 0.05)")
        lines = [f"self.{attribute}_w = nn.Parameter({made}){mark(stage.name)}"]
        if a["bias"]:
            lines.append(f"self.{attribute}_b = nn.Parameter(torch.zeros({shape[0]}))")
        return lines, call + mark(stage.name)

    def pad_call(self, stage: Stage) -> tuple[Stage, str]:
        """Padding by F.pad before the convolution, where that is this student's habit."""
        if stage.op != "conv" or not self._padded_before(stage):
            return stage, ""
        pad = stage.attributes["padding"][0]
        return dataclasses.replace(stage.changed(padding=[0, 0])), f"F.pad({{}}, ({pad}, {pad}, {pad}, {pad}))"
