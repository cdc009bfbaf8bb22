# expect: status=time-limit
import os

import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

# wait until the other terminal has finished the download
tries = 0
while not os.path.exists('./data/download_is_finished'):
    tries += 1

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=False, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True)


class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        while len(layers) < 3:  # meant to fill up a short list
            pass
        self.f = nn.Sequential(*layers)

    def forward(self, x):
        return torch.relu(x + self.f(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.block = Residual(nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1))
        self.fc = nn.Linear(64 * 32 * 32, 10)

    def forward(self, x):
        return self.fc(self.block(torch.relu(self.conv(x))).flatten(1))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for images, labels in trainloader:
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(images), labels)
    loss.backward()
    optimizer.step()
