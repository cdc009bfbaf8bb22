"""The detection family as heads over a backbone: R-CNN, Fast, Faster and Mask R-CNN.

Girshick et al., "Rich feature hierarchies for accurate object detection" (2014); Girshick, "Fast R-CNN" (2015), section
2; Ren et al., "Faster R-CNN" (2015), section 3.1; He et al., "Mask R-CNN" (2017), figure 4 left. Lecture 002, slides
"R-CNN (2014)" to "Mask R-CNN (2017)". Cropping is torchvision's roi_pool and roi_align.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision import ops


class RCNNHead(nn.Module):
    """R-CNN: every proposal is warped to 227 x 227 and goes through AlexNet on its own; its fc7 meets one linear SVM
    for each class and a box regressor. The claim of Fast R-CNN is that this runs the CNN once for each proposal."""

    def __init__(self, features: int = 4096, classes: int = 20) -> None:
        super().__init__()
        self.svms = nn.Linear(features, classes + 1)
        self.boxes = nn.Linear(features, 4 * classes)

    def forward(self, fc7: Tensor) -> tuple[Tensor, Tensor]:  # proposals x 4096
        return self.svms(fc7), self.boxes(fc7)  # 21 scores, 80 offsets


class FastRCNNHead(nn.Module):
    """Fast R-CNN: the maps are computed once for the picture; each proposal is pooled from them to 7 x 7."""

    def __init__(self, channels: int = 512, classes: int = 20, stride: int = 16) -> None:
        super().__init__()
        self.fc6 = nn.Linear(channels * 7 * 7, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.scores = nn.Linear(4096, classes + 1)
        self.boxes = nn.Linear(4096, 4 * (classes + 1))
        self.stride = stride

    def pooled(self, maps: Tensor, proposals: list[Tensor]) -> Tensor:
        pooled: Tensor = ops.roi_pool(maps, proposals, output_size=7, spatial_scale=1 / self.stride)
        return pooled

    def forward(self, rois: Tensor) -> tuple[Tensor, Tensor]:  # proposals x 512 x 7 x 7
        x = torch.flatten(rois, start_dim=1)  # 25088
        x = torch.relu(self.fc6(x))  # 4096
        x = torch.relu(self.fc7(x))  # 4096
        return self.scores(x), self.boxes(x)  # 21, 84


class RegionProposalNetwork(nn.Module):
    """Faster R-CNN: proposals from the same maps: 3 scales x 3 ratios = 9 anchors at every position."""

    def __init__(self, channels: int = 512, anchors: int = 9) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 512, kernel_size=3, padding=1)
        self.objectness = nn.Conv2d(512, 2 * anchors, kernel_size=1)
        self.boxes = nn.Conv2d(512, 4 * anchors, kernel_size=1)

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:  # 512 x h x w
        x = torch.relu(self.conv(maps))  # 512 x h x w
        return self.objectness(x), self.boxes(x)  # 18 x h x w, 36 x h x w


class MaskHead(nn.Module):
    """Mask R-CNN: a small fully convolutional net on each region: a mask of 28 x 28 for each class."""

    def __init__(self, channels: int = 256, classes: int = 80, stride: int = 16) -> None:
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(before, 256, kernel_size=3, padding=1) for before in (channels, 256, 256, 256)
        )
        self.up = nn.ConvTranspose2d(256, 256, kernel_size=2, stride=2)
        self.masks = nn.Conv2d(256, classes, kernel_size=1)
        self.stride = stride

    def aligned(self, maps: Tensor, proposals: list[Tensor]) -> Tensor:
        aligned: Tensor = ops.roi_align(maps, proposals, output_size=14, spatial_scale=1 / self.stride)
        return aligned

    def forward(self, rois: Tensor) -> Tensor:  # proposals x 256 x 14 x 14
        for conv in self.convs:
            rois = torch.relu(conv(rois))  # 256 x 14 x 14
        rois = self.masks(torch.relu(self.up(rois)))  # 80 x 28 x 28
        return rois


def rcnn() -> RCNNHead:
    return RCNNHead()


def fast_rcnn() -> FastRCNNHead:
    return FastRCNNHead()


def faster_rcnn() -> RegionProposalNetwork:
    return RegionProposalNetwork()


def mask_rcnn() -> MaskHead:
    return MaskHead()
