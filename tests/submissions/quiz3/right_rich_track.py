# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torchvision import transforms

console = Console()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))).add_(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.block1, self.block2 = Block(), Block()
        self.fc = nn.Sequential(nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = F.max_pool2d(self.block1(F.relu(self.conv(x))), 2)
        return self.fc(F.max_pool2d(self.block2(x), 2).flatten(1))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in track(range(10), description='training'):
    for x, y in track(train, description=f'epoch {epoch}', transient=True):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    console.print(f'[bold]epoch {epoch}[/bold] {loss.item():.4f}')
hits = 0
with torch.no_grad():
    for x, y in track(test, description='test'):
        hits += (net(x).argmax(1) == y).sum().item()
table = Table('split', 'accuracy')
table.add_row('test', f'{hits / len(test.dataset):.4f}')
console.print(table)
print(f'test accuracy {hits / len(test.dataset):.4f}')
