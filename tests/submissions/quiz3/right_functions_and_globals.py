# expect: full
# Netz als Funktion mit Schichten aus einem globalen Wörterbuch, darum herum nur ein dünnes Modul
import torch, torchvision
import torch.nn as nn
import torch.nn.functional as F
import torchvision.transforms as T

global net, opt


def block(x, c1, c2):
    h = F.conv2d(x, c1.weight, c1.bias, stride=1, padding=1).relu_()
    h = F.conv2d(h, c2.weight, c2.bias, stride=1, padding=1)
    return (h + x).relu_()


def head(x, fcs):
    for i, fc in enumerate(fcs):
        x = x @ fc.weight.T + fc.bias
        if i < len(fcs) - 1:
            x = F.relu(x)
    return x


class Net(nn.Module):
    def __init__(self):
        nn.Module.__init__(self)
        self.convs = nn.ModuleList()
        for i, o in ((3, 64), (64, 256), (256, 64), (64, 256), (256, 64)):
            self.convs.append(nn.Conv2d(i, o, 3, padding=1))
        self.fcs = nn.ModuleList()
        for i, o in ((4096, 120), (120, 84), (84, 10)):
            self.fcs.append(nn.Linear(i, o))

    def forward(self, x):
        c = self.convs
        x = c[0](x).relu_()
        x = torch.max_pool2d(block(x, c[1], c[2]), 2)
        x = torch.max_pool2d(block(x, c[3], c[4]), 2)
        return head(x.flatten(1), self.fcs)


def load():
    t = T.Compose([T.RandomHorizontalFlip(0.5), T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
    u = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
    a = torchvision.datasets.CIFAR10('daten', True, t, download=True)
    b = torchvision.datasets.CIFAR10('daten', False, u, download=True)
    return torch.utils.data.DataLoader(a, 100, True), torch.utils.data.DataLoader(b, 100)


def step(x, y):
    l = F.cross_entropy(net(x), y)
    opt.zero_grad()
    l.backward()
    opt.step()
    return l.item()


def main():
    global net, opt
    net = Net()
    opt = torch.optim.Adam(net.parameters(), lr=0.001)
    a, b = load()
    for e in range(9):
        verlust = [step(x, y) for x, y in a]
        print(e, sum(verlust) / len(verlust))
    richtig = 0
    net.eval()
    with torch.no_grad():
        for x, y in b:
            richtig += net(x).argmax(1).eq(y).sum().item()
    print('Trefferquote', richtig / len(b.dataset))


main()
