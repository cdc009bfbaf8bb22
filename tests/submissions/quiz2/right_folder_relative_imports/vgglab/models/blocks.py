import torch.nn as nn


class ConvReLU(nn.Sequential):
    def __init__(self, c_in, c_out):
        super().__init__(nn.Conv2d(c_in, c_out, 3, 1, 1), nn.ReLU())
