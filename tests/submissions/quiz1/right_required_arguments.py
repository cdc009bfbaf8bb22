# expect: full
"""usage: python right_required_arguments.py train --data ~/data --epochs 5 --name lenet"""
import argparse
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms


class LeNet(nn.Module):
    def __init__(self):
        super(LeNet, self).__init__()
        self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x).relu(), 2)
        x = F.max_pool2d(self.conv2(x).relu(), 2)
        x = self.fc1(x.view(len(x), -1)).relu()
        return self.fc3(self.fc2(x).relu())


def parse():
    parser = argparse.ArgumentParser(description='LeNet on CIFAR-10')
    parser.add_argument('mode', choices=['test', 'train'])
    parser.add_argument('--data', required=True, help='folder of the data')
    parser.add_argument('--epochs', type=int, required=True)
    parser.add_argument('--batch-size', type=int, required=True)
    parser.add_argument('--name', type=str, required=True, help='name of this run')
    parser.add_argument('--lr', type=float, default=0.001)
    parser.add_argument('--momentum', type=float, default=0.9)
    return parser.parse_args()


def main():
    args = parse()
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.5, .5, .5))])
    sets = [datasets.CIFAR10(os.path.expanduser(args.data), flag, transform, download=True) for flag in (True, False)]
    train_loader = torch.utils.data.DataLoader(sets[0], args.batch_size, shuffle=True)
    test_loader = torch.utils.data.DataLoader(sets[1], args.batch_size)
    net = LeNet()
    if args.mode == 'train':
        sgd = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum)
        for epoch in range(args.epochs):
            for x, y in train_loader:
                sgd.zero_grad()
                F.cross_entropy(net(x), y).backward()
                sgd.step()
        torch.save(net.state_dict(), args.name + '.pt')
    net.load_state_dict(torch.load(args.name + '.pt'))
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print('%s: %.2f %% of the test images' % (args.name, 100 * hits / len(sets[1])))
    return 0


if __name__ == '__main__':
    sys.exit(main())
