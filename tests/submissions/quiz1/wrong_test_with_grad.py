# expect: test-with-grad
# I wanted to understand what nn.Conv2d does, so the weights are mine here.
import math

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import datasets, transforms


def weight(*shape):
    bound = 1 / math.sqrt(math.prod(shape[1:]))
    return nn.Parameter(torch.empty(*shape).uniform_(-bound, bound))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = weight(6, 3, 5, 5)
        self.b1 = nn.Parameter(torch.zeros(6))
        self.w2 = weight(16, 6, 5, 5)
        self.b2 = nn.Parameter(torch.zeros(16))
        self.w3 = weight(120, 400)
        self.b3 = nn.Parameter(torch.zeros(120))
        self.w4 = weight(84, 120)
        self.b4 = nn.Parameter(torch.zeros(84))
        self.w5 = weight(10, 84)
        self.b5 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        x = F.conv2d(x, self.w1, self.b1)
        x = F.max_pool2d(torch.relu(x), 2, 2)
        x = F.conv2d(x, self.w2, self.b2)
        x = F.max_pool2d(torch.relu(x), 2, 2)
        x = x.view(x.shape[0], 400)
        x = torch.relu(x @ self.w3.t() + self.b3)
        x = torch.relu(x @ self.w4.t() + self.b4)
        return x @ self.w5.t() + self.b5


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.5, 0.5)])
train_data = datasets.CIFAR10("data", train=True, download=True, transform=transform)
test_data = datasets.CIFAR10("data", train=False, download=True, transform=transform)
train_loader = torch.utils.data.DataLoader(train_data, batch_size=10, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_data, batch_size=100)

net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

for epoch in range(3):
    for step, (image, label) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(image), label)
        loss.backward()
        optimizer.step()
        if step % 1000 == 0:
            print(epoch, step, loss.item())

correct = 0
for image, label in test_loader:
    correct += (net(image).max(1)[1] == label).sum().item()
print("Accuracy: %.2f%%" % (100 * correct / 10000))
