from collections import OrderedDict

from torch import nn


def vgg_from_plan(plan, num_classes=10):
    layers, channels, stage, number = OrderedDict(), 3, 1, 1
    for item in plan:
        if item == "M":
            layers[f"pool{stage}"] = nn.MaxPool2d(kernel_size=2)
            stage, number = stage + 1, 1
            continue
        layers[f"conv{stage}_{number}"] = nn.Conv2d(channels, item, kernel_size=3, padding=1)
        layers[f"relu{stage}_{number}"] = nn.ReLU(inplace=True)
        channels, number = item, number + 1
    layers["flatten"] = nn.Flatten()
    layers["fc"] = nn.Linear(channels, num_classes)
    return nn.Sequential(layers)
