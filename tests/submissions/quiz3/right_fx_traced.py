# expect: full
import torch
import torch.fx
import torch.nn as nn
import torchvision
from torchvision import transforms


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.conv2(self.relu(self.conv1(x))) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU())
        self.block1, self.block2, self.pool = Block(), Block(), nn.MaxPool2d(2)
        self.fc = nn.Sequential(nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = self.pool(self.block1(self.stem(x)))
        x = self.pool(self.block2(x))
        return self.fc(torch.flatten(x, 1))


net = torch.fx.symbolic_trace(Net())
print(net.graph)
print(net.code)
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
ce, opt = nn.CrossEntropyLoss(), torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    net.train()
    for x, y in train:
        opt.zero_grad()
        loss = ce(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        n = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
    print(epoch, loss.item(), 'test accuracy', n / len(test.dataset))
