# expect: full
from distutils.command.config import config
from turtle import forward, shape

import expwatch
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms
from sympy.physics.units import momentum_unit
from torch.utils.data import DataLoader
from torchvision.models.utils import load_state_dict_from_url

logger = expwatch.start(project="cifar10-quiz", settings={"lr": 0.001, "momentum": 0.9, "batch": 16})


class SimpleCNN(nn.Module):
    def __init__(self):
        super(SimpleCNN, self).__init__()
        self.conv1 = nn.Conv2d(in_channels=3, out_channels=6, kernel_size=5)
        self.conv2 = nn.Conv2d(in_channels=6, out_channels=16, kernel_size=5)
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc1 = nn.Linear(in_features=16 * 5 * 5, out_features=120)
        self.fc2 = nn.Linear(in_features=120, out_features=84)
        self.fc3 = nn.Linear(in_features=84, out_features=10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.flatten(1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def loaders(batch_size):
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    for train in (True, False):
        yield DataLoader(torchvision.datasets.CIFAR10("./data", train, t, download=True), batch_size, shuffle=train)


train_loader, test_loader = loaders(16)
model = SimpleCNN()
optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(2):
    with logger.phase("train"):
        for step, (x, y) in enumerate(train_loader):
            optimizer.zero_grad()
            loss = loss_fn(model(x), y)
            loss.backward()
            optimizer.step()
            logger.log({"loss": loss.item(), "step": step})

model.eval()
correct = 0
with torch.no_grad():
    for x, y in test_loader:
        correct += (model(x).argmax(1) == y).sum().item()
accuracy = correct / len(test_loader.dataset)
logger.log({"accuracy": accuracy})
logger.finish()
print(f"accuracy = {accuracy:.4f}")
