# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


def relu(x):
    return x.clamp(min=0)


def pad(x):
    return F.pad(x, (1, 1, 1, 1))


class PaddedBlock(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        self.a = nn.Conv2d(n, hidden, 3)
        self.b = nn.Conv2d(hidden, n, 3)

    def forward(self, x):
        y = relu(self.a(pad(x)))
        y = self.b(pad(y))
        return relu(torch.stack([x, y]).sum(0))


class PaddedNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.pad = nn.ZeroPad2d(1)
        self.first = nn.Conv2d(3, 64, (3, 3))
        self.block1 = PaddedBlock(64, 256)
        self.block2 = PaddedBlock(64, 256)
        self.lin1 = nn.Linear(64 * 8 * 8, 120)
        self.lin2 = nn.Linear(120, 84)
        self.lin3 = nn.Linear(84, 10)

    def forward(self, x):
        x = relu(self.first(self.pad(x)))
        x = F.max_pool2d(self.block1(x), kernel_size=2)
        x = F.max_pool2d(self.block2(x), kernel_size=2)
        n, c, h, w = x.shape
        x = x.view(n, c * h * w)
        x = relu(self.lin1(x))
        x = relu(self.lin2(x))
        return self.lin3(x)


def main():
    tf = transforms.Compose([transforms.ToTensor(), lambda t: (t - 0.5) / 0.5])
    train = torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=tf)
    test = torchvision.datasets.CIFAR10("./data", train=False, download=True, transform=tf)
    train_loader = torch.utils.data.DataLoader(train, batch_size=40, shuffle=True)
    test_loader = torch.utils.data.DataLoader(test, batch_size=40)

    net = PaddedNet()
    print(net)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), 1e-3, (0.9, 0.999), 1e-8, 0)

    for epoch in range(1, 8):
        for k, (x, y) in enumerate(train_loader, 1):
            for p in net.parameters():
                p.grad = None
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
            if k % 250 == 0:
                print("epoch", epoch, "iteration", k, "loss", round(loss.item(), 4))

    hits = 0
    with torch.no_grad():
        for x, y in test_loader:
            hits += torch.eq(net(x).topk(1).indices.squeeze(1), y).sum().item()
    print("test accuracy", round(100 * hits / len(test), 2), "%")


main()
