# expect: full
import torch, torchvision
from torch import nn
import torchvision.transforms as tt

def get_layers():
    return [
        nn.Conv2d(3, 6, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    ]

def run(layers, x):
    for layer in layers:
        x = layer(x)
    return x

def collect(layers):
    return [p for layer in layers for p in layer.parameters()]

if __name__ == '__main__':
    t = tt.Compose([tt.ToTensor(), tt.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    tr = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', True, t, download=True), 16, True)
    te = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', False, t, download=True), 16, False)
    layers = get_layers()
    opt = torch.optim.SGD(collect(layers), 0.001, 0.9)
    ce = nn.CrossEntropyLoss()
    for ep in range(1):
        for x, y in tr:
            opt.zero_grad()
            l = ce(run(layers, x), y)
            l.backward()
            opt.step()
        print('epoch', ep, 'last loss', float(l))
    good = 0
    for x, y in te:
        with torch.no_grad():
            good += (run(layers, x).max(1)[1] == y).sum().item()
    print('test acc = {:.2%}'.format(good / len(te.dataset)))
