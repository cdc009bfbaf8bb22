# expect: full
# convolution written as matrix product (im2col), to see that it is the same thing as nn.Conv2d
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class MyConv(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(c_out, c_in * 9))
        self.bias = nn.Parameter(torch.zeros(c_out))
        nn.init.kaiming_uniform_(self.weight, nonlinearity='relu')

    def forward(self, x):
        n, c, h, w = x.shape
        columns = F.unfold(x, kernel_size=3, padding=1)          # n, c*9, h*w
        out = torch.einsum('ok,nkp->nop', self.weight, columns)
        return out.view(n, -1, h, w) + self.bias.view(1, -1, 1, 1)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = MyConv(64, 256)
        self.down = MyConv(256, 64)

    def forward(self, x):
        return torch.relu(x + self.down(torch.relu(self.up(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = MyConv(3, 64)
        self.blocks = nn.ModuleList([Block() for _ in range(2)])
        self.classifier = nn.Sequential(
            nn.Linear(64 * 8 * 8, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = torch.relu(self.first(x))
        for block in self.blocks:
            x = F.max_pool2d(block(x), 2)
        return self.classifier(x.flatten(1))


def loaders(batch_size=32):
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
    return [DataLoader(datasets.CIFAR10('data', train=t, download=True, transform=tf), batch_size, shuffle=t)
            for t in (True, False)]


train_loader, test_loader = loaders()
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(3):
    for x, y in train_loader:
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

hits = count = 0
with torch.no_grad():
    for x, y in test_loader:
        hits += int((net(x).argmax(1) == y).sum())
        count += len(y)
print('test accuracy', hits / count)
