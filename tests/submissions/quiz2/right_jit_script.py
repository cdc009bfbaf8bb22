# expect: full
import time
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms
from typing import Tuple


class FusedConv(nn.Module):
    __constants__ = ['pool']

    def __init__(self, i: int, o: int, pool: bool = False):
        super(FusedConv, self).__init__()
        self.pool = pool
        self.conv = nn.Conv2d(i, o, kernel_size=3, padding=1)
        self.down = nn.MaxPool2d(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.conv(x))
        if self.pool:
            x = self.down(x)
        return x


class VGG11(nn.Module):
    def __init__(self):
        super(VGG11, self).__init__()
        plan = [(64, True), (128, True), (256, False), (256, True), (512, False), (512, True), (512, False), (512, True)]
        layers = []
        i = 3
        for o, pool in plan:
            layers.append(torch.jit.script(FusedConv(i, o, pool)))
            i = o
        self.layers = nn.Sequential(*layers)
        self.linear = nn.Linear(512, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layers(x)
        x = x.view(x.shape[0], x.shape[1])
        return self.linear(x)


@torch.jit.script
def count_correct(logits: torch.Tensor, target: torch.Tensor) -> Tuple[int, int]:
    return int((logits.argmax(1) == target).sum()), target.size(0)


if __name__ == '__main__':
    device = torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))])
    train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('./data', transform=tf, train=True, download=True),
                                        batch_size=128, shuffle=True, num_workers=4)
    test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('./data', transform=tf, train=False, download=True),
                                       batch_size=128, num_workers=4)
    net = torch.jit.script(VGG11().to(device))
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(10):
        tic = time.time()
        for x, y in train:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
        print(f'epoch {epoch} {time.time() - tic:.1f}s loss {loss.item():.3f}')
    net.eval()
    a = b = 0
    with torch.no_grad():
        for x, y in test:
            c, n = count_correct(net(x.to(device)), y.to(device))
            a, b = a + c, b + n
    print('Accuracy', a / b)
    torch.jit.save(net, 'vgg11_scripted.pt')
