# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as T
from torch.cuda.amp import GradScaler, autocast
from tqdm.auto import tqdm


class AverageMeter(object):
    def __init__(self, name):
        self.name = name
        self.reset()

    def reset(self):
        self.sum = 0.0
        self.n = 0

    def update(self, v, n=1):
        self.sum += v * n
        self.n += n

    @property
    def avg(self):
        return self.sum / max(self.n, 1)

    def __repr__(self):
        return '%s %.4f' % (self.name, self.avg)


def conv_block(i, o, pool=False):
    layers = [nn.Conv2d(i, o, kernel_size=3, stride=1, padding='same'), nn.ReLU(True)]
    if pool: layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b1 = conv_block(3, 64, True)
        self.b2 = conv_block(64, 128, True)
        self.b3 = nn.Sequential(conv_block(128, 256), conv_block(256, 256, True))
        self.b4 = nn.Sequential(conv_block(256, 512), conv_block(512, 512, True))
        self.b5 = nn.Sequential(conv_block(512, 512), conv_block(512, 512))
        self.gap = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        for b in (self.b1, self.b2, self.b3, self.b4, self.b5):
            x = b(x)
        return self.fc(self.gap(x).squeeze(-1).squeeze(-1))


def accuracy(logits, y, topk=(1,)):
    maxk = max(topk)
    _, pred = logits.topk(maxk, 1, True, True)
    pred = pred.t()
    correct = pred.eq(y.view(1, -1).expand_as(pred))
    return [correct[:k].reshape(-1).float().sum(0).mul_(100.0 / y.size(0)).item() for k in topk]


def main():
    device = torch.device('cuda')
    tf = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
    train = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf)
    test = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf)
    train_dl = torch.utils.data.DataLoader(train, batch_size=128, shuffle=True, pin_memory=True, num_workers=4)
    test_dl = torch.utils.data.DataLoader(test, batch_size=256, pin_memory=True, num_workers=4)

    model = Net().to(device)
    opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    lossf = nn.CrossEntropyLoss().to(device)
    scaler = GradScaler()

    for ep in range(15):
        model.train()
        losses = AverageMeter('loss')
        for x, y in tqdm(train_dl, leave=False):
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            opt.zero_grad(set_to_none=True)
            with autocast():
                out = model(x)
                loss = lossf(out, y)
            scaler.scale(loss).backward()
            scaler.step(opt)
            scaler.update()
            losses.update(loss.item(), x.size(0))

        model.eval()
        top1, top5 = AverageMeter('top1'), AverageMeter('top5')
        with torch.no_grad(), autocast():
            for x, y in test_dl:
                x, y = x.to(device), y.to(device)
                a1, a5 = accuracy(model(x), y, (1, 5))
                top1.update(a1, x.size(0))
                top5.update(a5, x.size(0))
        print(ep, losses, top1, top5)


if __name__ == '__main__':
    main()
