"""The network of the handout."""
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, c=64, h=256):
        super().__init__()
        self.conv1 = nn.Conv2d(c, h, 3, padding=1)
        self.conv2 = nn.Conv2d(h, c, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + x)


class ResidualCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.block1, self.block2 = Block(), Block()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(self.block1(x), 2)
        x = F.max_pool2d(self.block2(x), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))
