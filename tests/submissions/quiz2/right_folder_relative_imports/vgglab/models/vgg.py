import torch.nn as nn

from .blocks import ConvReLU

CONFIGS = {
    "A": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "D": ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3),
}


class VGG(nn.Module):
    def __init__(self, config, num_classes=10):
        super().__init__()
        stages, c = [], 3
        for widths in config:
            stage = []
            for w in widths:
                stage.append(ConvReLU(c, w))
                c = w
            stage.append(nn.MaxPool2d(2))
            stages.append(nn.Sequential(*stage))
        self.stages = nn.Sequential(*stages)
        self.fc = nn.Linear(c, num_classes)

    def forward(self, x):
        return self.fc(self.stages(x).flatten(1))


def vgg11(**kwargs):
    return VGG(CONFIGS["A"], **kwargs)


def vgg16(**kwargs):
    return VGG(CONFIGS["D"], **kwargs)
