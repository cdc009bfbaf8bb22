# expect: full
# VGG-11. Last pool: mean over the rows, then over the columns.
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.utils.data as tud
import torchvision.datasets as tvd
import torchvision.transforms as tvt

class Level(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.convs = nn.ModuleList()
        for a, b in zip(widths[:-1], widths[1:]):
            self.convs.append(nn.Conv2d(a, b, (3, 3), stride=(1, 1), padding=(1, 1)))

    def forward(self, x, last=False):
        for conv in self.convs:
            x = torch.clamp(conv(x), min=0.)
        return x if last else F.max_pool2d(x, (2, 2), stride=(2, 2))


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = Level(3, 64)
        self.l2 = Level(64, 128)
        self.l3 = Level(128, 256, 256)
        self.l4 = Level(256, 512, 512)
        self.l5 = Level(512, 512, 512)
        self.y = nn.Linear(in_features=512, out_features=10, bias=True)

    def forward(self, x):
        x = self.l5(self.l4(self.l3(self.l2(self.l1(x)))), last=True)
        return self.y(x.mean(3).mean(2))


tf = tvt.Compose([tvt.ToTensor(), tvt.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train = tud.DataLoader(tvd.CIFAR10('data', train=True, transform=tf, download=True), 64, True)
test = tud.DataLoader(tvd.CIFAR10('data', train=False, transform=tf, download=True), 64, False)

vgg = VGG()
sgd = torch.optim.SGD(vgg.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    vgg.train()
    for i, (x, y) in enumerate(train):
        sgd.zero_grad()
        loss = F.cross_entropy(vgg(x), y)
        loss.backward()
        sgd.step()
        if i % 200 == 0:
            print(f'{epoch}/{i}: {loss.item():.4f}')

vgg.eval()
hit = 0
with torch.no_grad():
    for x, y in test:
        hit += (vgg(x).argmax(1) == y).sum().item()
print('accuracy', hit / len(test.dataset))
