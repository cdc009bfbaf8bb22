# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2))


class Net(nn.Module):
    def __init__(self, sizes=(400, 120, 84, 10)):
        super().__init__()
        self.features = nn.ModuleList([block(1, 6), block(6, 16)])
        self.dense = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        for part in self.features:
            x = part(x)
        x = x.flatten(1)
        for number, layer in enumerate(self.dense):
            x = layer(x)
            if number < 2:
                x = x.clamp(min=0)
        return x
