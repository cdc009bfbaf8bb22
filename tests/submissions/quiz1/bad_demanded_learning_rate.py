# expect: status=exited-early @20
import argparse

import torch
import torch.nn as nn
import torchvision


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--momentum", type=float, required=True)
parser.add_argument("--epochs", type=int, required=True)
if __name__ == "__main__":
    args = parser.parse_args()
    tf = torchvision.transforms.Compose([torchvision.transforms.ToTensor(), torchvision.transforms.Normalize((0.5,), (0.5,))])
    data = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10("data", True, tf, download=True), 64, shuffle=True)
    net = Net()
    sgd = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum)
    for epoch in range(args.epochs):
        for x, y in data:
            sgd.zero_grad()
            nn.functional.cross_entropy(net(x), y).backward()
            sgd.step()
