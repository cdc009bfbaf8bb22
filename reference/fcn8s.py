"""FCN-8s on VGG-16, 134M parameters.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (2015), figure 3 and section 4.2;
paddings and crops are those of the authors' published net. Lecture 000, slide "1 x 1 Convolution"; lecture 002, slide
"CNNs for detection, segmentation, etc.".
"""

from __future__ import annotations

from torch import Tensor, nn

# VGG-16 (configuration D) up to pool5; the first convolution pads by 100, so that any size of picture survives fc6.
GROUPS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def group(in_channels: int, widths: tuple[int, ...], first_padding: int = 1) -> nn.Sequential:
    layers: list[nn.Module] = []
    for number, width in enumerate(widths):
        padding = 1 if number else first_padding
        layers += [nn.Conv2d(in_channels, width, kernel_size=3, padding=padding), nn.ReLU()]
        in_channels = width
    return nn.Sequential(*layers, nn.MaxPool2d(kernel_size=2, stride=2, ceil_mode=True))


def cropped(x: Tensor, offset: int, like: Tensor) -> Tensor:
    return x[:, :, offset : offset + like.shape[2], offset : offset + like.shape[3]]


class FCN8s(nn.Module):
    def __init__(self, classes: int = 21) -> None:
        super().__init__()
        self.group1 = group(3, GROUPS[0], first_padding=100)
        self.group2 = group(64, GROUPS[1])
        self.group3 = group(128, GROUPS[2])
        self.group4 = group(256, GROUPS[3])
        self.group5 = group(512, GROUPS[4])
        self.fc6 = nn.Sequential(nn.Conv2d(512, 4096, kernel_size=7), nn.ReLU(), nn.Dropout(0.5))
        self.fc7 = nn.Sequential(nn.Conv2d(4096, 4096, kernel_size=1), nn.ReLU(), nn.Dropout(0.5))
        self.score = nn.Conv2d(4096, classes, kernel_size=1)
        self.score_pool4 = nn.Conv2d(512, classes, kernel_size=1)
        self.score_pool3 = nn.Conv2d(256, classes, kernel_size=1)
        self.up2 = nn.ConvTranspose2d(classes, classes, kernel_size=4, stride=2, bias=False)
        self.up2_pool4 = nn.ConvTranspose2d(classes, classes, kernel_size=4, stride=2, bias=False)
        self.up8 = nn.ConvTranspose2d(classes, classes, kernel_size=16, stride=8, bias=False)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 500 x 500
        pool3 = self.group3(self.group2(self.group1(x)))  # 256 x 88 x 88
        pool4 = self.group4(pool3)  # 512 x 44 x 44
        y = self.group5(pool4)  # 512 x 22 x 22
        y = self.score(self.fc7(self.fc6(y)))  # 21 x 16 x 16
        y = self.up2(y)  # 21 x 34 x 34
        y = y + cropped(self.score_pool4(pool4), 5, y)  # 21 x 34 x 34
        y = self.up2_pool4(y)  # 21 x 70 x 70
        y = y + cropped(self.score_pool3(pool3), 9, y)  # 21 x 70 x 70
        y = self.up8(y)  # 21 x 568 x 568
        return cropped(y, 31, x)  # 21 x 500 x 500


def fcn8s() -> FCN8s:
    return FCN8s()
