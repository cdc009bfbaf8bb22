from torch import nn

from .residual import Residual


def conv(a, b):
    return nn.Conv2d(a, b, 3, padding=1)


def build_classifier(channels, hidden, fully_connected):
    layers = [conv(3, channels), nn.ReLU()]
    for _ in range(2):
        layers.append(Residual(nn.Sequential(conv(channels, hidden), nn.ReLU(), conv(hidden, channels))))
        layers.append(nn.MaxPool2d(2, 2))
    layers.append(nn.Flatten())
    for a, b in zip(fully_connected, fully_connected[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    layers.pop()  # no ReLU after the last one
    return nn.Sequential(*layers)
