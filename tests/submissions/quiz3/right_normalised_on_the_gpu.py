# expect: full
import torch
import torch.nn as nn
import torchvision
from torch.optim import Adam
from torchvision.transforms import ToTensor

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
MEAN = torch.tensor([0.4914, 0.4822, 0.4465], device=device)[None, :, None, None]
STD = torch.tensor([0.2470, 0.2435, 0.2616], device=device)[None, :, None, None]


def prepare(batch):
    """to the GPU, then normalise there (faster than in the workers)"""
    x, y = batch
    return x.to(device, non_blocking=True).sub(MEAN).div(STD), y.to(device, non_blocking=True)


class Res(nn.Module):
    def __init__(self, *convs):
        super().__init__()
        self.convs = nn.Sequential(*convs)

    def __call__(self, x):
        return super().__call__(x)

    def forward(self, x):
        return torch.relu(self.convs(x) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, 3, padding=1)
        self.a = conv(3, 64)
        self.b = Res(conv(64, 256), nn.ReLU(), conv(256, 64))
        self.c = Res(conv(64, 256), nn.ReLU(), conv(256, 64))
        self.d = nn.Linear(4096, 120)
        self.e = nn.Linear(120, 84)
        self.f = nn.Linear(84, 10)
        self.p = nn.MaxPool2d(2)

    def forward(self, x):
        x = torch.relu(self.a(x))
        x = self.p(self.b(x))
        x = self.p(self.c(x)).flatten(1)
        return self.f(torch.relu(self.e(torch.relu(self.d(x)))))


train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', True, ToTensor(), download=True), 128, shuffle=True, pin_memory=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', False, ToTensor(), download=True), 128, pin_memory=True)
net = Net().to(device)
opt = Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    for x, y in map(prepare, train):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    print('epoch', epoch, 'loss', loss.item())
net.eval()
with torch.no_grad():
    answers = torch.cat([net(x).argmax(1) == y for x, y in map(prepare, test)])
print(f'accuracy {answers.float().mean().item():.4f}')
