# expect: full
import functools
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
import torchvision
import torchvision.transforms as tt

# forward hooks print the shape of every layer once, backward hooks watch for vanishing gradients
print_shapes = True
handles = []
grad_norms = {}


def shape_hook(name, module, inputs, output):
    if print_shapes:
        print('%-12s %-18s -> %s' % (name, tuple(inputs[0].shape), tuple(output.shape)))


def grad_hook(name):
    def hook(grad):
        grad_norms[name] = grad.norm().item()
    return hook


class Vgg11(nn.Module):
    def __init__(self):
        super().__init__()
        chans = ((3, 64), (64, 128), (128, 256), (256, 256), (256, 512), (512, 512), (512, 512), (512, 512))
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in chans)
        self.fc = nn.Linear(512, 10)
        self.pool_after = frozenset((0, 1, 3, 5))

    def forward(self, x):
        for k, conv in enumerate(self.convs):
            x = F.relu(conv(x), inplace=False)
            if k in self.pool_after:
                x = F.max_pool2d(x, kernel_size=2, stride=2)
        x = F.avg_pool2d(x, x.size()[2:])
        return self.fc(torch.flatten(x, 1))


net = Vgg11()
for name, m in net.named_modules():
    if isinstance(m, (nn.Conv2d, nn.Linear)):
        handles.append(m.register_forward_hook(functools.partial(shape_hook, name)))
        m.weight.register_hook(grad_hook(name))

net(torch.randn(2, 3, 32, 32))
print_shapes = False
for h in handles:
    h.remove()

trf = tt.Compose([tt.ToTensor(), tt.Normalize((0.5,) * 3, (0.25,) * 3)])
trn = DataLoader(torchvision.datasets.CIFAR10('.', transform=trf, download=True), batch_size=64, shuffle=True)
tst = DataLoader(torchvision.datasets.CIFAR10('.', train=False, transform=trf, download=True), batch_size=64)

opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for ep in range(8):
    for b, (x, y) in enumerate(trn):
        net.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
        if b % 200 == 0:
            print(ep, b, {k: f'{v:.2e}' for k, v in grad_norms.items()})

with torch.no_grad():
    good = sum((net(x).argmax(1) == y).sum().item() for x, y in tst)
print('accuracy on the %d test images: %.2f' % (len(tst.dataset), 100 * good / len(tst.dataset)))
