import torch.nn as nn

from .blocks import ConvReluPool, Dense


class LeNet(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.block1 = ConvReluPool(3, 6)
        self.block2 = ConvReluPool(6, 16)
        self.dense1 = Dense(400, 120)
        self.dense2 = Dense(120, 84)
        self.dense3 = Dense(84, num_classes, activation=False)

    def forward(self, x):
        x = self.block2(self.block1(x))
        x = x.flatten(1)
        return self.dense3(self.dense2(self.dense1(x)))
