"""A network as a student thinks of it: layers one after the other, and blocks with a way around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.validate.mutate import Network, Stage

WRITABLE = ("conv", "linear", "max_pool", "avg_pool", "flatten")
JOINS = ("add", "concat", "product")


@dataclass(frozen=True)
class Block:
    """``body`` and a way around it, brought together by ``join``."""

    body: tuple[Item, ...]
    join: Stage
    weights: tuple[float, float]  # of the body, of the way around


Item = Stage | Block


def tree(network: Network) -> tuple[Item, ...]:
    """The network's layers with its blocks nested, and a flattening before the first linear layer."""
    items: list[Item] = []
    ends = ["x"]
    flat = False
    for stage in network:
        if stage.op in JOINS and len(stage.inputs) == 2:
            fork = min(ends.index(name) for name in stage.inputs)
            given = stage.attributes.get("weights", [1.0, 1.0])
            around = [ends.index(name) for name in stage.inputs].index(fork)
            block = Block(tuple(items[fork:]), stage, (given[1 - around], given[around]))
            items[fork:], ends[fork + 1 :] = [block], [stage.name]
            continue
        if stage.inputs != (ends[-1],):
            raise ValueError(f"{stage.name} reads {stage.inputs}, not {ends[-1]}")
        if stage.op == "linear" and not flat:
            flat = True
            features = {"features": stage.attributes["in_features"]}
            items.append(Stage(name="flatten", op="flatten", inputs=(), attributes=features))
            ends.append("flatten")
        items.append(stage)
        ends.append(stage.name)
    return tuple(items)


def stages_of(items: tuple[Item, ...]) -> Iterator[Stage]:
    for item in items:
        if isinstance(item, Block):
            yield from stages_of(item.body)
            yield item.join
        else:
            yield item


def blocks_of(items: tuple[Item, ...]) -> Iterator[Block]:
    for item in items:
        if isinstance(item, Block):
            yield item
            yield from blocks_of(item.body)


def own_output(before: Item | None) -> bool:
    """May what comes behind it change its output in place? Not where backward needs it, as a ReLU's."""
    return isinstance(before, Block) or (before is not None and before.op in WRITABLE)


def signature(block: Block) -> str:
    """Equal blocks may be objects of one class."""
    return repr([(one.op, one.attributes) for one in stages_of((block,))]) + repr(block.weights)
