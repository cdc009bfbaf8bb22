# expect: full
# No nn.Conv2d: the weights are kept by hand, to see what the layers really do.
import math

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

SHAPES = [(64, 3), (128, 64), (256, 128), (256, 256), (512, 256), (512, 512), (512, 512), (512, 512)]


def init(*shape):
    fan_in = math.prod(shape[1:])
    return nn.Parameter(torch.empty(*shape).uniform_(-1, 1) / math.sqrt(fan_in))


class HandMade(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.ParameterList()
        self.b = nn.ParameterList()
        for cout, cin in SHAPES:
            self.w.append(init(cout, cin, 3, 3))
            self.b.append(nn.Parameter(torch.zeros(cout)))
        self.w_fc = init(10, 512)
        self.b_fc = nn.Parameter(torch.zeros(10))

    def conv(self, x, i):
        return F.conv2d(x, self.w[i], self.b[i], stride=1, padding=1).clamp(min=0)

    def forward(self, x):
        x = F.max_pool2d(self.conv(x, 0), 2)
        x = F.max_pool2d(self.conv(x, 1), 2)
        x = F.max_pool2d(self.conv(self.conv(x, 2), 3), 2)
        x = F.max_pool2d(self.conv(self.conv(x, 4), 5), 2)
        x = F.max_pool2d(self.conv(self.conv(x, 6), 7), 2)
        return F.linear(x.view(x.shape[0], -1), self.w_fc, self.b_fc)


transform = T.Compose([T.ToTensor(), T.Normalize((0.5,) * 3, (0.5,) * 3)])
train_loader = DataLoader(datasets.CIFAR10("./data", train=True, download=True, transform=transform),
                          batch_size=64, shuffle=True)
test_loader = DataLoader(datasets.CIFAR10("./data", train=False, download=True, transform=transform),
                         batch_size=64)

model = HandMade()
print(sum(p.numel() for p in model.parameters()), "parameters")
optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(4):
    for x, y in train_loader:
        for p in model.parameters():
            p.grad = None
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print("epoch", epoch + 1, "loss", loss.item())

correct = 0
with torch.inference_mode():
    for x, y in test_loader:
        correct += (model(x).max(1).indices == y).sum().item()
print(f"test accuracy {correct / len(test_loader.dataset):.2%}")
