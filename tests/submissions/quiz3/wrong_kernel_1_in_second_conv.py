# expect: wrong-attribute:block1.conv2.kernel_size@15
import torch, torchvision
import torch.nn as nn
import torch.nn.functional as F
from torchvision import transforms


class Bottleneck(nn.Module):
    """3x3 up, 1x1 down"""

    def __init__(self, ch, width):
        super().__init__()
        self.up = nn.Conv2d(ch, width, kernel_size=3, padding=1)
        # 1x1 brings the channels back
        self.down = nn.Conv2d(width, ch, kernel_size=1)

    def forward(self, x):
        return F.relu(x + self.down(F.relu(self.up(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1)
        self.b = nn.ModuleList(Bottleneck(64, 256) for _ in range(2))
        self.fc = nn.ModuleList([nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)])

    def forward(self, x):
        x = F.relu(self.stem(x))
        for b in self.b:
            x = F.max_pool2d(b(x), 2)
        x = x.flatten(1)
        x = F.relu(self.fc[0](x))
        x = F.relu(self.fc[1](x))
        return self.fc[2](x)


def loaders(bs=64):
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    for train in (True, False):
        yield torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', train, t, download=True), bs, shuffle=train)


if __name__ == '__main__':
    train, test = loaders()
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(10):
        for x, y in train:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            good = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
        print('epoch', epoch, 'accuracy', good / len(test.dataset))
