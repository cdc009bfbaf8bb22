import torch
from torch import nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T

dev = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")
print("using", dev)


norm = T.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
tf = T.Compose([T.ToTensor(), norm])
train_set = torchvision.datasets.CIFAR10("./data", train=True, transform=tf, download=True)
test_set = torchvision.datasets.CIFAR10("./data", train=False, transform=tf, download=True)


def make_loaders(bs):
    return (torch.utils.data.DataLoader(train_set, bs, shuffle=True),
            torch.utils.data.DataLoader(test_set, bs, shuffle=False))


def fit(model, opt, loader, epochs):
    model.train()
    ce = nn.CrossEntropyLoss()
    for ep in range(epochs):
        tot = 0.
        for x, y in loader:
            x, y = x.to(dev), y.to(dev)
            loss = ce(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item()
        print("ep", ep, "loss", tot / len(loader))


@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    ok = 0
    n = 0
    for x, y in loader:
        p = model(x.to(dev)).argmax(-1)
        ok += (p == y.to(dev)).sum().item()
        n += y.shape[0]
    return ok / n


def vgg11():
    layers, c = [], 3
    for v in [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']:
        if v == 'M':
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(c, v, 3, padding=1), nn.ReLU(inplace=True)]
            c = v
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


tr, te = make_loaders(64)
m2 = vgg11().to(dev)
fit(m2, torch.optim.SGD(m2.parameters(), lr=0.01, momentum=0.9), tr, 5)
print(f"quiz 2 accuracy: {accuracy(m2, te):.4f}")
