# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.profiler import ProfilerActivity, profile
import torchvision
import torchvision.transforms as transforms

torch.set_default_dtype(torch.float64)
torch.autograd.set_detect_anomaly(True)


class CIFAR10Double(torchvision.datasets.CIFAR10):
    """the pictures in double precision, and their number"""

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.double(), label, index


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.block1, self.block2 = Block(), Block()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(self.block1(F.relu(self.conv(x))), 2)
        x = F.max_pool2d(self.block2(x), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(CIFAR10Double('data', train=True, transform=tf, download=True), 32, shuffle=True)
test = torch.utils.data.DataLoader(CIFAR10Double('data', train=False, transform=tf, download=True), 32)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(4):
    for x, y, _ in train:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with profile(activities=[ProfilerActivity.CPU]) as prof:
    net(x)
print(prof.key_averages().table(sort_by='cpu_time_total', row_limit=5))
hits = 0
with torch.no_grad():
    for x, y, _ in test:
        hits += (net(x).argmax(1) == y).sum().item()
print('accuracy', hits / len(test.dataset))
