# expect: full
import torch as th
import torch.nn as nn
import torch.utils.data as D
import torchvision as tv
from functools import partial

conv3x3 = partial(nn.Conv2d, kernel_size=3, stride=1, padding=1, dilation=1, groups=1, bias=True, padding_mode="zeros")


class Activation(nn.Module):
    def __init__(self, kind="relu"):
        super().__init__()
        self.kind = kind
        self.f = {"relu": nn.Threshold(0, 0), "tanh": nn.Tanh(), "none": nn.Identity()}[kind]

    def forward(self, x):
        return self.f(x)

    def extra_repr(self):
        return self.kind


class Block(nn.Module):
    """n convolutions and a pool, as in the paper"""

    def __init__(self, c_in, c_out, n, act="relu"):
        super().__init__()
        body = []
        for i in range(n):
            body += [conv3x3(c_in if i == 0 else c_out, c_out), Activation(act)]
        self.body = nn.Sequential(*body)
        self.down = nn.MaxPool2d(2, 2, 0, 1, False, False)

    def __call__(self, x):
        return super().__call__(x)

    def forward(self, x):
        return self.down(self.body(x))


class Network(nn.Module):
    def __init__(self, blocks=((64, 1), (128, 1), (256, 2), (512, 2), (512, 2)), n_out=10, dropout=0.0, batch_norm=False):
        super().__init__()
        c = 3
        modules = []
        for width, n in blocks:
            modules.append(Block(c, width, n))
            c = width
        if batch_norm:
            modules.append(nn.BatchNorm2d(c))
        self.encoder = nn.Sequential(*modules)
        self.decoder = nn.Sequential(nn.Dropout(dropout) if dropout else nn.Identity(), nn.Linear(c, n_out))

    def forward(self, x, features_only=False):
        h = self.encoder(x).squeeze(3).squeeze(2)
        if features_only:
            return h
        return self.decoder(h)


def get(train):
    aug = [tv.transforms.RandomAffine(5, translate=(.1, .1)), tv.transforms.ColorJitter(.1, .1)] if train else []
    t = tv.transforms.Compose(aug + [tv.transforms.ToTensor(), tv.transforms.Normalize((.4914, .4822, .4465), (.2, .2, .2))])
    return D.DataLoader(tv.datasets.CIFAR10("data", train, t, download=True), batch_size=32, shuffle=train)


net = Network()
opt = th.optim.SGD([{"params": net.encoder.parameters()}, {"params": net.decoder.parameters()}], lr=.01, momentum=.9)
for e in range(10):
    for x, y in get(True):
        opt.zero_grad()
        err = nn.functional.cross_entropy(net(x), y)
        err.backward()
        opt.step()
    print("epoch", e, "loss", err.item())

net = net.eval()
with th.no_grad():
    preds, truth = [], []
    for x, y in get(False):
        preds += [net(x).argmax(1)]
        truth += [y]
    preds, truth = th.cat(preds), th.cat(truth)
    print("acc", (preds == truth).double().mean().item())
    for c in range(10):
        print("  class", c, (preds[truth == c] == c).double().mean().item())
