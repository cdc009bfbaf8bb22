# expect: diverging-step
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.b1c1, self.b1c2 = nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1)
        self.b2c1, self.b2c2 = nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1)
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(x + self.b1c2(F.relu(self.b1c1(x))))
        x = F.max_pool2d(x, 2)
        x = F.relu(x + self.b2c2(F.relu(self.b2c1(x))))
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    def train_on(self, x, y):
        self.optimizer = torch.optim.Adam(self.parameters(), lr=0.001)
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
model = Model()
for epoch in range(10):
    losses = [model.train_on(x, y) for x, y in train]
    print(epoch, sum(losses) / len(losses))
with torch.no_grad():
    right = sum((model(x).argmax(1) == y).sum().item() for x, y in test)
print('accuracy', right / len(test.dataset))
