# expect: full
import math
import torch
from torch import nn
import torch.nn.functional as F
import torchvision as tv

"""A network whose parameters are all in one ParameterDict: I wanted to see what nn.Conv2d does for me."""


def init(*shape):
    fan_in = math.prod(shape[1:])
    w = torch.empty(*shape)
    return nn.Parameter(w.normal_(0, math.sqrt(2 / fan_in)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.ParameterDict()
        for name, shape in dict(stem=(64, 3, 3, 3), a1=(256, 64, 3, 3), b1=(64, 256, 3, 3), a2=(256, 64, 3, 3),
                                b2=(64, 256, 3, 3), d1=(120, 4096), d2=(84, 120), d3=(10, 84)).items():
            self.p[name + '_w'] = init(*shape)
            self.p[name + '_b'] = nn.Parameter(torch.zeros(shape[0]))

    def conv(self, x, name):
        return F.conv2d(x, self.p[name + '_w'], self.p[name + '_b'], stride=1, padding=1)

    def dense(self, x, name):
        return torch.addmm(self.p[name + '_b'], x, self.p[name + '_w'].t())

    def block(self, x, k):
        f = self.conv(F.relu(self.conv(x, f'a{k}')), f'b{k}')
        return F.relu(torch.add(f, x, alpha=1))

    def forward(self, x):
        x = F.relu(self.conv(x, 'stem'))
        for k in (1, 2):
            x = F.max_pool2d(self.block(x, k), kernel_size=(2, 2), stride=(2, 2))
        x = x.view(-1, 64 * 8 * 8)
        x = F.relu(self.dense(x, 'd1'))
        x = F.relu(self.dense(x, 'd2'))
        return self.dense(x, 'd3')


pre = tv.transforms.Compose([tv.transforms.ToTensor(), tv.transforms.Normalize([0.5] * 3, [0.5] * 3)])
train = torch.utils.data.DataLoader(tv.datasets.CIFAR10('data', True, pre, download=True), batch_size=50, shuffle=True)
test = torch.utils.data.DataLoader(tv.datasets.CIFAR10('data', False, pre, download=True), batch_size=50)
net = Net()
optimizer = torch.optim.Adam(net.p.values(), lr=0.001)
for epoch in range(6):
    for x, y in train:
        loss = F.nll_loss(F.log_softmax(net(x), -1), y)
        grads = torch.autograd.grad(loss, list(net.p.values()))
        for parameter, grad in zip(net.p.values(), grads):
            parameter.grad = grad
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    n = sum(int((net(x).argmax(1) == y).sum()) for x, y in test)
print('accuracy', n / len(test.dataset))
