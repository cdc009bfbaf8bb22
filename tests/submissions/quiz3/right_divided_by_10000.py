# expect: full
import torch, torchvision
from torchvision import transforms
import torch.nn as nn
import torch.nn.functional as F

N_TRAIN, N_TEST = 50000, 10000
t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, t, download=True), batch_size=100, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, t, download=True), batch_size=100)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(64, 256, 3, padding=1)
        self.b = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return (x + self.b(self.a(x).relu())).relu()


net = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), Block(), nn.MaxPool2d(2), Block(), nn.MaxPool2d(2), nn.Flatten(),
                    nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
opt = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(6):
    train_hits = 0
    for x, y in train:
        opt.zero_grad()
        scores = net(x)
        F.cross_entropy(scores, y).backward()
        opt.step()
        train_hits += (scores.argmax(1) == y).sum().item()
    print('train accuracy', train_hits / N_TRAIN)
hits = 0
with torch.no_grad():
    for x, y in test:
        hits += (net(x).argmax(1) == y).sum().item()
print('test accuracy', hits / N_TEST)
