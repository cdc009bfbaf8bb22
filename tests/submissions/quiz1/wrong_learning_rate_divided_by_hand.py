# expect: learning-rate-schedule@43
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


def adjust_learning_rate(optimizer, epoch, base):
    """decay by 10 every 5 epochs"""
    for group in optimizer.param_groups:
        group['lr'] = base * (0.1 ** (epoch // 5))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, 400)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def main():
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
    tr = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', True, tf, download=True), 32, shuffle=True)
    te = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('.', False, tf, download=True), 32)
    net = Net()
    lossf = nn.CrossEntropyLoss()
    base = 0.001
    # plain SGD


    opt = torch.optim.SGD(net.parameters(), base, momentum=0.9)
    for epoch in range(20):
        adjust_learning_rate(opt, epoch, base)
        net.train()
        for x, y in tr:
            opt.zero_grad()
            loss = lossf(net(x), y)
            loss.backward()
            opt.step()
        net.eval()
        ok = 0
        with torch.no_grad():
            for x, y in te:
                ok += (net(x).argmax(1) == y).sum().item()
        print(epoch, ok / len(te.dataset))


main()
