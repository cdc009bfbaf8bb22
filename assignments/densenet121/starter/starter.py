"""DenseNet-121: see handout.md. Input [3, 224, 224], 1000 class scores, 7,978,856 parameters."""

from torch import nn


class DenseNet121(nn.Module):
    def __init__(self):
        super().__init__()
        # The layers of the handout, in its order.
        raise NotImplementedError

    def forward(self, x):
        raise NotImplementedError
