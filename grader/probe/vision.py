"""torchvision, imported so that it works beside a CPU build of torch.

Its compiled part cannot load there, and the import then fails on two operators that nobody defined. In that case only,
define their schemas (nothing that the course uses calls them) and import again.
"""

from __future__ import annotations

import sys
from typing import Any

import torch


def load() -> Any:
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        torch.torchvision_schemas = library  # the definitions live as long as this does
        import torchvision
    return torchvision


torchvision = load()
