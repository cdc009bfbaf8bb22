"""Layers and attributes in words, as handouts and reports say them."""

from __future__ import annotations

from typing import Any

from grader.network.graph import Node

NAMES = {
    "conv": "a convolution",
    "linear": "a fully connected layer",
    "max_pool": "a max-pool",
    "avg_pool": "an average pool",
    "adaptive_avg_pool": "an adaptive average pool",
    "adaptive_max_pool": "an adaptive max-pool",
    "batch_norm": "a batch norm",
    "dropout": "a dropout",
    "add": "an addition",
    "concat": "a concatenation",
    "softmax": "a softmax",
    "log_softmax": "a log-softmax",
    "reshape": "a reshape",
    "pad": "a padding",
    "rearrange": "another order of the values",
    "constant": "a constant",
    "random": "random numbers",
    "parameter": "a parameter",
}
FUNCTIONS = {
    "relu": "ReLU",
    "relu6": "ReLU6",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "celu": "CELU",
    "selu": "SELU",
    "gelu": "GELU",
    "gelu_tanh": "GELU (tanh)",
    "silu": "SiLU",
    "mish": "Mish",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "softplus": "softplus",
    "hardtanh": "a clamp",
    "affine": "a scaling",
    "abs": "an absolute value",
    "unknown": "another function",
}
ATTRIBUTES = {
    "kernel_size": "kernel size",
    "out_channels": "output channels",
    "in_channels": "input channels",
    "out_features": "output features",
    "in_features": "input features",
}

COUNTED = ("in_channels", "out_channels", "in_features", "out_features", "groups")


def name(node: Node) -> str:
    """"a convolution", "ReLU": what a node is, for the middle of a sentence."""
    if node.op == "pointwise":
        function = str(node.attributes["function"])
        return FUNCTIONS.get(function, function.replace("_", " "))
    if node.op == "operation":
        return f"the operation {node.attributes['operation']}"
    if node.op in ("softmax", "log_softmax") and node.attributes.get("dim") == 0:
        return f"{NAMES[node.op]} over the batch (dim=0)"
    return NAMES.get(node.op, node.op)


def told(node: Node) -> str:
    """A node with its attributes, for the middle of a sentence: "a convolution (3 → 6, kernel 5)"."""
    words = name(node)
    plain = words.removeprefix("a ").removeprefix("an ")
    rest = describe(node).removeprefix("conv").removeprefix("FC").removeprefix(plain)
    rest = rest.strip(" ,")
    return words if not rest or node.op in ("pointwise", "operation", "add") else f"{words} ({rest})"


def code(node: Node) -> str:
    """A layer as a student would write it, where torch has a class for it: "nn.Conv2d(3, 6, kernel_size=5)"."""
    attributes = node.attributes
    usual = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1, "bias": True}
    if node.op == "conv":
        first = [attributes["in_channels"], attributes["out_channels"]]
        named = {"kernel_size": attributes["kernel_size"]}
        named |= {key: attributes[key] for key, plain in usual.items() if attributes.get(key, plain) != plain}
        return f"nn.Conv2d({_arguments(first, named)})"
    if node.op == "linear":
        named = {} if attributes.get("bias", True) else {"bias": False}
        return f"nn.Linear({_arguments([attributes['in_features'], attributes['out_features']], named)})"
    if node.op in ("max_pool", "avg_pool"):
        named = {key: attributes[key] for key in ("kernel_size", "stride")}
        odd = (key for key in ("padding", "dilation") if attributes.get(key, usual[key]) != usual[key])
        named |= {key: attributes[key] for key in odd}
        return f"nn.{'MaxPool2d' if node.op == 'max_pool' else 'AvgPool2d'}({_arguments([], named)})"
    return describe(node)


def _arguments(first: list[Any], named: dict[str, Any]) -> str:
    return ", ".join([*map(str, first), *(f"{key}={python(item)}" for key, item in named.items())])


def python(item: Any) -> str:
    """An attribute's value in code: a pair of equal numbers as one number."""
    if isinstance(item, (list, tuple)):
        parts = [python(part) for part in item]
        return parts[0] if parts and len(set(parts)) == 1 else f"({', '.join(parts)})"
    return str(item)


def has(key: str, item: Any) -> str:
    """What a layer has: "kernel size 5", "16 output channels", "no bias"."""
    if key == "bias":
        return "a bias" if item else "no bias"
    if key in COUNTED:
        words = attribute(key)
        return f"{value(item)} {words if item != 1 else words.removesuffix('s')}"
    return f"{attribute(key)} {value(item)}"


def value(item: Any) -> str:
    """An attribute's value: pairs of equal numbers as one number, [2, 1] as 2x1, booleans as yes and no."""
    if isinstance(item, bool):
        return "True" if item else "False"
    if isinstance(item, (list, tuple)):
        if item and all(one == item[0] for one in item):
            return value(item[0])
        return "×".join(value(one) for one in item)
    if isinstance(item, float) and item == int(item):
        return str(int(item))
    return str(item)


def attribute(key: str) -> str:
    return ATTRIBUTES.get(key, key.replace("_", " "))


_DEFAULTS: dict[str, Any] = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1, "bias": True}


def describe(node: Node) -> str:
    """A node with its attributes, for a table: "conv 3 → 6, kernel 5"."""
    attributes = node.attributes
    if node.op == "pointwise":
        extra = ", ".join(f"{key} {value(one)}" for key, one in attributes.items() if key not in ("function", "values"))
        return name(node) + (f" ({extra})" if extra else "")
    if node.op in ("conv", "linear"):
        inner, outer = ("in_channels", "out_channels") if node.op == "conv" else ("in_features", "out_features")
        text = f"{'conv' if node.op == 'conv' else 'FC'} {attributes[inner]} → {attributes[outer]}"
        shown = [f"kernel {value(attributes['kernel_size'])}"] if node.op == "conv" else []
        for key, usual in _DEFAULTS.items():
            if key in attributes and attributes[key] != usual:
                shown.append("no bias" if key == "bias" else f"{key} {value(attributes[key])}")
        return ", ".join([text, *shown])
    if node.op in ("max_pool", "avg_pool"):
        kind = "max-pool" if node.op == "max_pool" else "average pool"
        text = f"{kind} {value(attributes['kernel_size'])}/{value(attributes['stride'])}"
        odd = [key for key in ("padding", "dilation") if attributes.get(key, _DEFAULTS[key]) != _DEFAULTS[key]]
        return ", ".join([text, *(f"{key} {value(attributes[key])}" for key in odd)])
    if node.op == "add":
        weights = attributes["weights"]
        return (
            "addition"
            if all(one == 1 for one in weights)
            else f"addition weighted {', '.join(value(one) for one in weights)}"
        )
    if node.op == "operation":
        return str(attributes["operation"])
    plain = name(node).removeprefix("a ").removeprefix("an ")
    shown = [
        f"{key} {value(one)}" for key, one in attributes.items() if key in ("p", "output_size", "size", "dim", "sides")
    ]
    return ", ".join([plain, *shown])
