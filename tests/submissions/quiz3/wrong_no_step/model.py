import torch
import torch.nn as nn

from blocks import ResidualBlock


class ResidualCNN(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.relu = nn.ReLU()
        self.block1 = ResidualBlock(64, 256)
        self.pool1 = nn.MaxPool2d(2, 2)
        self.block2 = ResidualBlock(64, 256)
        self.pool2 = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.pool1(self.block1(x))
        x = self.pool2(self.block2(x))
        x = torch.flatten(x, 1)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        return self.fc3(x)
