# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F


def mlpconv(inputs, widths, size):
    first, second, third = widths
    return [
        nn.Conv2d(inputs, first, size, padding=size // 2), nn.ReLU(inplace=True),
        nn.Conv2d(first, second, 1), nn.ReLU(inplace=True),
        nn.Conv2d(second, third, 1), nn.ReLU(inplace=True),
    ]


class NIN(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            *mlpconv(3, (192, 160, 96), 5),
            nn.MaxPool2d(3, 2, 1),
            nn.Dropout(0.5),
            *mlpconv(96, (192, 192, 192), 5),
            nn.AvgPool2d(3, 2, 1),
            nn.Dropout(0.5),
            *mlpconv(192, (192, 192, 10), 3),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
        )

    def forward(self, x):
        return self.net(x)
