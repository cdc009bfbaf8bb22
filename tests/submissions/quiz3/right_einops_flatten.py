# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from einops import rearrange
from torchvision import transforms


class Block(nn.Module):
    def __init__(self, dim=64, hidden=256):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(dim, hidden, 3, padding=1), nn.ReLU(), nn.Conv2d(hidden, dim, 3, padding=1))

    def forward(self, x):
        return F.relu(self.net(x) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_embedding = nn.Conv2d(3, 64, 3, padding=1)
        self.blocks = nn.ModuleList([Block(), Block()])
        self.head = nn.Sequential(nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, img):
        x = F.relu(self.to_embedding(img))
        for block in self.blocks:
            x = F.max_pool2d(block(x), 2)
        return self.head(rearrange(x, 'b c h w -> b (c h w)'))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    n = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
print('accuracy', n / len(test.dataset))
