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


class Quiz1(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.l1 = nn.Linear(400, 120)
        self.l2 = nn.Linear(120, 84)
        self.l3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = x.reshape(len(x), -1)
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


tr, te = make_loaders(4)
m1 = Quiz1().to(dev)
fit(m1, torch.optim.SGD(m1.parameters(), lr=0.001, momentum=0.9), tr, 2)
print(f"quiz 1 accuracy: {accuracy(m1, te):.4f}")
