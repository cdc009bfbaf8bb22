# expect: status=ambiguous-model
"""Two designs for quiz 3. I could not decide which one is better."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class NetA(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv3 = nn.Conv2d(256, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(F.relu(x + self.conv3(F.relu(self.conv2(x)))))
        x = self.pool(F.relu(x + self.conv5(F.relu(self.conv4(x)))))
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


class NetB(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv3 = nn.Conv2d(256, 64, 3, padding=1)
        self.conv4 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv5 = nn.Conv2d(256, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = torch.relu(self.pool(x + self.conv3(torch.relu(self.conv2(x)))))
        x = torch.relu(self.pool(x + self.conv5(torch.relu(self.conv4(x)))))
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc3(torch.relu(self.fc2(x)))
