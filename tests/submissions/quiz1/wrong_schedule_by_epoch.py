# expect: learning-rate-schedule@16
import torch, torchvision
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms

cfg = dict(lr=0.001, momentum=0.9, bs=64, epochs=15)
norm = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
train_t = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(), norm])
test_t = transforms.Compose([transforms.ToTensor(), norm])
train = DataLoader(torchvision.datasets.CIFAR10('d', True, train_t, download=True), cfg['bs'], shuffle=True)
test = DataLoader(torchvision.datasets.CIFAR10('d', False, test_t, download=True), cfg['bs'])
net = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
opt = torch.optim.SGD(net.parameters(), lr=cfg['lr'], momentum=cfg['momentum'])
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=cfg['epochs'])
lossf = nn.CrossEntropyLoss()


def run(loader, train=True):
    net.train(train)
    n = ok = 0
    with torch.set_grad_enabled(train):
        for x, y in loader:
            out = net(x)
            if train:
                opt.zero_grad()
                lossf(out, y).backward()
                opt.step()
            n += len(y)
            ok += (out.argmax(1) == y).sum().item()
    return ok / n


for ep in range(cfg['epochs']):
    a = run(train)
    sched.step()
    print(ep, 'train', a, 'test', run(test, False), 'lr', sched.get_last_lr())
