# expect: wrong-learning-rate
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import datasets, transforms


class Block(nn.Module):
    def __init__(self, width, inner):
        nn.Module.__init__(self)
        self.c1 = nn.Conv2d(width, inner, 3, padding=1)
        self.c2 = nn.Conv2d(inner, width, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.c2(F.relu(self.c1(x))))


class ConvPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 64, 3, padding=1)
        self.b1, self.b2 = Block(64, 256), Block(64, 256)

    def forward(self, x):
        x = F.relu(self.c(x))
        for b in (self.b1, self.b2):
            x = F.max_pool2d(b(x), 2, stride=2)
        return x


class LinearPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4096, 120)
        self.b = nn.Linear(120, 84)
        self.c = nn.Linear(84, 10)

    def forward(self, x):
        return self.c(F.relu(self.b(F.relu(self.a(x)))))


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_part = ConvPart()
        self.linear_part = LinearPart()

    def forward(self, x):
        return self.linear_part(self.conv_part(x).reshape(-1, 4096))


def loaders(batch):
    tf = transforms.Compose([transforms.ToTensor(),
                             transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    return [torch.utils.data.DataLoader(datasets.CIFAR10('data', train=t, download=True, transform=tf),
                                        batch_size=batch, shuffle=t) for t in (True, False)]


def run(epochs=5, batch=80):
    train_loader, test_loader = loaders(batch)
    net = Whole()
    optimizer = optim.Adam([
        {'params': net.conv_part.parameters()},
        {'params': net.linear_part.parameters(), 'lr': 0.0001},
    ], lr=0.001)
    for epoch in range(epochs):
        for x, y in train_loader:
            net.zero_grad()
            out = net(x)
            # cross entropy written out: -log p(correct class), mean over the batch
            loss = -F.log_softmax(out, dim=1).gather(1, y.unsqueeze(1)).mean()
            loss.backward()
            optimizer.step()
        print('epoch', epoch, 'last loss', loss.item())

    net.train(False)
    n_correct, n_total = 0, 0
    torch.set_grad_enabled(False)
    for x, y in test_loader:
        n_correct += (net(x).argmax(dim=1) == y).long().sum().item()
        n_total += x.size(0)
    print('Test acc. {:.2f} %'.format(n_correct * 100.0 / n_total))


run()
