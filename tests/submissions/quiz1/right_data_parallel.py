# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.backends.cudnn as cudnn
from torch.optim import SGD
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor


class LeNetCIFAR(nn.Module):
    widths = (6, 16)
    hidden = (120, 84)

    def __init__(self, n_out=10):
        super().__init__()
        w1, w2 = self.widths
        h1, h2 = self.hidden
        self.c = nn.ModuleDict({'1': nn.Conv2d(3, w1, 5), '2': nn.Conv2d(w1, w2, 5)})
        self.f = nn.ModuleDict({'1': nn.Linear(w2 * 25, h1), '2': nn.Linear(h1, h2), '3': nn.Linear(h2, n_out)})

    def forward(self, x):
        for key in sorted(self.c):
            x = F.max_pool2d(F.relu(self.c[key](x), inplace=True), kernel_size=2, stride=2)
        x = x.reshape(x.shape[0], -1)
        for key in ('1', '2'):
            x = F.relu_(self.f[key](x))
        return self.f['3'](x)


def accuracy(net, loader):
    training = net.training
    net.eval()
    hits = torch.tensor(0).cuda()
    with torch.no_grad():
        for x, y in loader:
            hits += net(x.cuda(non_blocking=True)).max(dim=1).indices.eq(y.cuda(non_blocking=True)).sum()
    net.train(training)
    return hits.item() / len(loader.dataset)


if __name__ == '__main__':
    cudnn.benchmark = True
    tf = Compose([ToTensor(), Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
    train_loader = DataLoader(CIFAR10('/tmp/cifar10', True, tf, download=True), batch_size=512, shuffle=True, num_workers=8, drop_last=True)
    test_loader = DataLoader(CIFAR10('/tmp/cifar10', False, tf, download=True), batch_size=512, num_workers=8)

    net = nn.DataParallel(LeNetCIFAR().cuda(), device_ids=[0, 1])
    net.train()
    optimizer = SGD([{'params': net.module.c.parameters()}, {'params': net.module.f.parameters()}], lr=0.001, momentum=0.9)
    for epoch in range(100):
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(net(x.cuda()), y.cuda()).backward()
            optimizer.step()
        if epoch % 10 == 9:
            torch.save({'state_dict': net.module.state_dict(), 'epoch': epoch}, 'lenet_%03d.pth.tar' % epoch)
    print('Top-1 accuracy on the test set: %.4f' % accuracy(net, test_loader))
