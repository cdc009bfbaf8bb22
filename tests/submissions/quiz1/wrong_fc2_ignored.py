# expect: unused-layer:fc2
import torch
from torch import nn
import torchvision as tv

net_input = tv.transforms.Compose([
    tv.transforms.ToTensor(),
    tv.transforms.Normalize((.5, .5, .5), (.5, .5, .5)),
])


class net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
        self.p = nn.MaxPool2d(2)
        self.l1, self.l2, self.l3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(120, 10)

    def forward(self, x):
        x = self.p(self.c1(x).clamp(min=0))
        x = self.p(self.c2(x).clamp(min=0))
        x = x.flatten(1)
        x = self.l1(x).relu()
        h = self.l2(x).relu()
        x = self.l3(x)
        return x


if __name__ == '__main__':
    tr = tv.datasets.CIFAR10('~/data', train=True, download=True, transform=net_input)
    te = tv.datasets.CIFAR10('~/data', train=False, download=True, transform=net_input)
    trl = torch.utils.data.DataLoader(tr, batch_size=4, shuffle=True)
    tel = torch.utils.data.DataLoader(te, batch_size=4)

    n = net()
    o = torch.optim.SGD(n.parameters(), lr=1e-3, momentum=9e-1)
    f = nn.CrossEntropyLoss()
    for e in range(2):
        for i, (x, t) in enumerate(trl):
            o.zero_grad()
            y = n(x)
            l = f(y, t)
            l.backward()
            o.step()
            if i % 1000 == 0:
                print(e, i, l.item())

    ok = 0
    cnt = 0
    with torch.no_grad():
        for x, t in tel:
            y = n(x)
            ok += (y.argmax(1) == t).sum()
            cnt += t.numel()
    print('acc', (ok / cnt).item())
