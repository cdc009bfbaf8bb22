# expect: full
import argparse
import sys
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms


class Prefetcher:
    """NVIDIA apex data prefetcher"""
    def __init__(self, loader):
        self.loader = iter(loader)
        self.stream = torch.cuda.Stream() if torch.cuda.is_available() else None
        self.preload()

    def preload(self):
        try:
            self.next_input, self.next_target = next(self.loader)
        except StopIteration:
            self.next_input = None
            self.next_target = None
            return
        if self.stream is not None:
            with torch.cuda.stream(self.stream):
                self.next_input = self.next_input.cuda(non_blocking=True)
                self.next_target = self.next_target.cuda(non_blocking=True)

    def next(self):
        if self.stream is not None:
            torch.cuda.current_stream().wait_stream(self.stream)
        input, target = self.next_input, self.next_target
        self.preload()
        return input, target


def get_loaders(bs):
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5, .5, .5), (.5, .5, .5))])
    tr = torchvision.datasets.CIFAR10('./data', True, download=True, transform=tf)
    te = torchvision.datasets.CIFAR10('./data', False, download=True, transform=tf)
    return (torch.utils.data.DataLoader(tr, bs, shuffle=True), torch.utils.data.DataLoader(te, bs))


def build():
    from collections import OrderedDict
    return nn.Sequential(OrderedDict([
        ('conv1', nn.Conv2d(3, 6, 5)), ('relu1', nn.ReLU()), ('pool1', nn.MaxPool2d(2, 2)),
        ('conv2', nn.Conv2d(6, 16, 5)), ('relu2', nn.ReLU()), ('pool2', nn.MaxPool2d(2, 2)),
        ('flatten', nn.Flatten()),
        ('fc1', nn.Linear(400, 120)), ('relu3', nn.ReLU()),
        ('fc2', nn.Linear(120, 84)), ('relu4', nn.ReLU()),
        ('fc3', nn.Linear(84, 10))]))


def cmd_train(args):
    trl, _ = get_loaders(args.bs)
    net = build()
    if torch.cuda.is_available(): net.cuda()
    opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum)
    ce = nn.CrossEntropyLoss()
    for ep in range(args.epochs):
        pf = Prefetcher(trl)
        x, y = pf.next()
        i = 0
        while x is not None:
            i += 1
            out = net(x)
            loss = ce(out, y)
            opt.zero_grad()
            loss.backward()
            opt.step()
            if i % 100 == 0:
                gn = sum(p.grad.norm().item() ** 2 for p in net.parameters()) ** 0.5
                print(ep, i, loss.item(), 'grad norm', gn)
            x, y = pf.next()
    torch.save(net, 'net.pth')


def cmd_test(args):
    _, tel = get_loaders(args.bs)
    net = torch.load('net.pth', weights_only=False)
    net.eval()
    ok = n = 0
    with torch.no_grad():
        pf = Prefetcher(tel)
        x, y = pf.next()
        while x is not None:
            p = net(x).max(1)[1]
            ok += p.eq(y).sum().item()
            n += y.size(0)
            x, y = pf.next()
    print('Accuracy {}/{} ({:.1f}%)'.format(ok, n, 100. * ok / n))


def main(argv=None):
    ap = argparse.ArgumentParser()
    ap.add_argument('--bs', type=int, default=32)
    ap.add_argument('--epochs', type=int, default=5)
    ap.add_argument('--lr', type=float, default=1e-3)
    ap.add_argument('--momentum', type=float, default=0.9)
    sub = ap.add_subparsers(dest='cmd')
    sub.add_parser('train').set_defaults(func=cmd_train)
    sub.add_parser('test').set_defaults(func=cmd_test)
    args = ap.parse_args(argv)
    if args.cmd is None:
        cmd_train(args)
        cmd_test(args)
    else:
        args.func(args)


if __name__ == '__main__':
    sys.exit(main())
