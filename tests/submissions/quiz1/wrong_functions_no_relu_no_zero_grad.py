# expect: missing-activation:relu4@45 no-zero-grad@55
# No classes: the weights are plain tensors, the network is a function of the pictures.
import math

import torch
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T

torch.manual_seed(12)

tf = T.Compose([T.ToTensor(), T.Normalize((0.5,) * 3, (0.5,) * 3)])
train = torchvision.datasets.CIFAR10("data", train=True, transform=tf, download=True)
test = torchvision.datasets.CIFAR10("data", train=False, transform=tf, download=True)
train_dl = torch.utils.data.DataLoader(train, batch_size=4, shuffle=True)
test_dl = torch.utils.data.DataLoader(test, batch_size=4)


def init(*shape):
    fan_in = math.prod(shape[1:])
    return (torch.rand(*shape) * 2 - 1).div_(math.sqrt(fan_in)).requires_grad_()


def bias(n, fan_in):
    return (torch.rand(n) * 2 - 1).div_(math.sqrt(fan_in)).requires_grad_()


k1, c1 = init(6, 3, 5, 5), bias(6, 75)
k2, c2 = init(16, 6, 5, 5), bias(16, 150)
w1, b1 = init(120, 400), bias(120, 400)
w2, b2 = init(84, 120), bias(84, 120)
w3, b3 = init(10, 84), bias(10, 84)
params = [k1, c1, k2, c2, w1, b1, w2, b2, w3, b3]


def features(x):
    x = F.max_pool2d(F.relu(F.conv2d(x, k1, c1)), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, k2, c2)), 2)
    return x


def lenet(x):
    h = features(x).flatten(1)
    h = F.relu(h @ w1.t() + b1)
    h = h @ w2.t() + b2
    return h @ w3.t() + b3


opt = torch.optim.SGD(params, lr=0.001, momentum=0.9)

for epoch in range(2):
    total = 0.0
    for xb, yb in train_dl:
        loss = F.cross_entropy(lenet(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    print("epoch", epoch, "loss", total / len(train_dl))

hits = n = 0
with torch.no_grad():
    for xb, yb in test_dl:
        hits += (lenet(xb).argmax(1) == yb).sum().item()
        n += len(yb)
print("test accuracy", hits / n)
