# expect: full
import os
import sys
import time
import traceback

try:
    import torch
    import torch.nn as nn
    from torchvision import datasets, transforms
except ImportError:
    print('PyTorch is not installed: pip install torch torchvision')
    raise SystemExit(1)

try:
    from apex import amp
except ImportError:
    amp = None

DATA = os.environ.get('DATASETS', './_data')
RESUME = os.path.join('ckpt', 'last.pt')


class ConvReluPool(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 5)

    def forward(self, x):
        x = self.conv(x)
        x = x.clamp(min=0)
        return nn.functional.max_pool2d(x, 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = ConvReluPool(3, 6)
        self.block2 = ConvReluPool(6, 16)
        self.mlp = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU())
        self.scores = nn.Linear(84, 10)

    def forward(self, x):
        x = self.block2(self.block1(x))
        return self.scores(self.mlp(x.view(x.shape[0], -1)))


def get_data(train):
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.4914, .4822, .4465), (.2470, .2435, .2616))])
    return torch.utils.data.DataLoader(datasets.CIFAR10(DATA, train=train, transform=t, download=True), 25, shuffle=train)


def main():
    start = time.time()
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    if os.path.isfile(RESUME):
        net.load_state_dict(torch.load(RESUME))
    epoch = 0
    try:
        while True:
            epoch += 1
            for x, y in get_data(train=True):
                optimizer.zero_grad()
                loss = criterion(net(x), y)
                loss.backward()
                optimizer.step()
            print('epoch %d, %.0f s, loss %.3f' % (epoch, time.time() - start, loss.item()))
            if epoch >= 12:
                break
    except KeyboardInterrupt:
        print('stopped by hand after %d epochs' % epoch)
    net.eval()
    hits, seen = 0, 0
    with torch.no_grad():
        for x, y in get_data(train=False):
            hits += torch.eq(net(x).topk(1, dim=1)[1].squeeze(1), y).sum().item()
            seen += y.shape[0]
    print('accuracy %.4f' % (hits / seen))


if __name__ == '__main__':
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
