import torch.nn as nn

from layers import conv3x3


class VGG11(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.block1 = nn.Sequential(conv3x3(3, 64), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.block2 = nn.Sequential(conv3x3(64, 128), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.block3 = nn.Sequential(
            conv3x3(128, 256), nn.ReLU(),
            conv3x3(256, 256), nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.block4 = nn.Sequential(
            conv3x3(256, 512), nn.ReLU(),
            conv3x3(512, 512), nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.block5 = nn.Sequential(
            conv3x3(512, 512), nn.ReLU(),
            conv3x3(512, 512), nn.ReLU(),
            nn.MaxPool2d(2, 2),
        )
        self.fc = nn.Linear(512, n_classes)

    def forward(self, x):
        x = self.block1(x)
        x = self.block2(x)
        x = self.block3(x)
        x = self.block4(x)
        x = self.block5(x)
        x = x.flatten(1)
        return self.fc(x)
