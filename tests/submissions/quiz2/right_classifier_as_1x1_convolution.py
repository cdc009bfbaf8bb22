# expect: full
# fully convolutional: the FC layer 512 -> 10 is a 1x1 convolution on the 1x1 map (same weights, same parameters)
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)


class FCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential()
        c = 3
        for i, w in enumerate([64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0]):
            if w:
                self.body.add_module('conv%d' % i, nn.Conv2d(c, w, 3, padding=1))
                self.body.add_module('relu%d' % i, nn.ReLU())
                c = w
            else:
                self.body.add_module('pool%d' % i, nn.MaxPool2d(2))
        self.score = nn.Conv2d(512, 10, kernel_size=1)

    def forward(self, x):
        return self.score(self.body(x)).squeeze(3).squeeze(2)


net = FCN()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    n = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
print('accuracy', n / len(test.dataset))
