import torch.nn as nn


def conv3x3(in_planes, out_planes):
    """3x3 convolution that keeps the height and the width."""
    return nn.Conv2d(in_planes, out_planes, kernel_size=3, stride=1, padding=1)
