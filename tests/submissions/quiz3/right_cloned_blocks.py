# expect: full
import copy
import math
import sys
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms


def clones(module, n):
    "Produce n identical layers (own weights each)."
    return nn.ModuleList([copy.deepcopy(module) for _ in range(n)])


class ConvBlock(nn.Module):
    def __init__(self, d, d_hidden):
        super(ConvBlock, self).__init__()
        self.w_1 = nn.Conv2d(d, d_hidden, 3, padding=1)
        self.w_2 = nn.Conv2d(d_hidden, d, 3, padding=1)

    def forward(self, x):
        return self.w_2(F.relu(self.w_1(x)))


class SublayerConnection(nn.Module):
    def forward(self, x, sublayer):
        "Apply residual connection to any sublayer with the same size."
        return F.relu(x + sublayer(x))


class Encoder(nn.Module):
    def __init__(self, layer, N):
        super(Encoder, self).__init__()
        self.layers = clones(layer, N)
        self.connection = SublayerConnection()

    def forward(self, x):
        for layer in self.layers:
            x = F.max_pool2d(self.connection(x, layer), 2)
        return x


class Generator(nn.Module):
    def __init__(self, sizes):
        super(Generator, self).__init__()
        self.proj = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        for p in self.proj[:-1]:
            x = F.relu(p(x))
        return self.proj[-1](x)


class Model(nn.Module):
    def __init__(self, embed, encoder, generator):
        super(Model, self).__init__()
        self.embed, self.encoder, self.generator = embed, encoder, generator

    def forward(self, img):
        return self.generator(torch.flatten(self.encoder(F.relu(self.embed(img))), 1))


def make_model(N=2, d=64, d_hidden=256):
    c = copy.deepcopy
    block = ConvBlock(d, d_hidden)
    model = Model(nn.Conv2d(3, d, 3, padding=1), Encoder(c(block), N), Generator([d * 8 * 8, 120, 84, 10]))
    # Initialize parameters with Glorot / fan_avg.
    for p in model.parameters():
        if p.dim() > 1:
            nn.init.xavier_uniform_(p)
    return model


class SimpleLossCompute:
    "A simple loss compute and train function."
    def __init__(self, criterion, opt=None):
        self.criterion = criterion
        self.opt = opt

    def __call__(self, x, y):
        loss = self.criterion(x, y)
        if self.opt is not None:
            loss.backward()
            self.opt.step()
            self.opt.zero_grad()
        return loss.data.item()


def run_epoch(data_iter, model, loss_compute):
    start, total, right, n = time.time(), 0, 0, 0
    for i, (x, y) in enumerate(data_iter):
        out = model(x)
        total += loss_compute(out, y) * x.size(0)
        right += (out.argmax(-1) == y).sum().item()
        n += x.size(0)
        if i % 50 == 1:
            print("Step: %d Loss: %f Images per Sec: %f" % (i, total / n, n / (time.time() - start)))
    return total / n, right / n


if __name__ == "__main__":
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.49, 0.48, 0.45), (0.25, 0.24, 0.26))])
    tr = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", True, t, download=True), 128, shuffle=True)
    te = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", False, t, download=True), 128)
    model = make_model()
    opt = optim.Adam(model.parameters(), lr=0.001)
    for epoch in range(10):
        model.train()
        run_epoch(tr, model, SimpleLossCompute(nn.CrossEntropyLoss(), opt))
        model.eval()
        with torch.no_grad():
            loss, acc = run_epoch(te, model, SimpleLossCompute(nn.CrossEntropyLoss()))
        print("epoch %d: test loss %.3f ppl %.2f accuracy %.4f" % (epoch, loss, math.exp(loss), acc))
        sys.stdout.flush()
