from .blocks import ConvReLU
from .vgg import VGG, vgg11

__all__ = ["VGG", "ConvReLU", "vgg11"]
