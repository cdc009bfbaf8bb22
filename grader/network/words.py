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
    "batch_norm": "a batch normalisation",
    "dropout": "a dropout",
    "add": "an addition",
    "concat": "a concatenation",
    "softmax": "a softmax",
    "log_softmax": "a log-softmax",
    "reshape": "a reshape",
    "pad": "a padding",
    "rearrange": "a rearrangement of values",
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
