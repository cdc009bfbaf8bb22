# expect: accumulated-gradients
import torch
import torch.nn as nn
from torchvision import datasets, transforms

WIDTHS = [64, 128, 256, 256, 512, 512, 512, 512]
POOL_AFTER = {0, 1, 3, 5, 7}


class ConvNet(nn.Module):
    def __init__(self, widths, num_classes):
        super().__init__()
        ins = [3] + widths[:-1]
        self.convs = nn.ModuleList([nn.Conv2d(i, o, 3, padding=1) for i, o in zip(ins, widths)])
        self.pool = nn.MaxPool2d(2)
        self.out = nn.Linear(widths[-1], num_classes)

    def forward(self, x):
        for n, conv in enumerate(self.convs):
            x = torch.relu(conv(x))
            if n in POOL_AFTER:
                x = self.pool(x)
        return self.out(torch.flatten(x, start_dim=1))


def load(train, batch_size):
    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
    ])
    dataset = datasets.CIFAR10("data", train=train, download=True, transform=transform)
    return torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=train)


def run():
    torch.manual_seed(42)
    net = ConvNet(WIDTHS, 10)
    opt = torch.optim.SGD(list(net.parameters()), lr=1e-2, momentum=9e-1)
    ce = nn.CrossEntropyLoss()
    train_loader, test_loader = load(True, 32), load(False, 256)

    for epoch in range(1, 6):
        net.train()
        for batch, (xb, yb) in enumerate(train_loader):
            pred = net(xb)
            loss = ce(pred, yb)
            loss.backward()
            if (batch + 1) % 2 == 0:
                opt.step()
                net.zero_grad()
            if batch % 200 == 0:
                print("epoch", epoch, "batch", batch, "loss", round(loss.item(), 4))

    net.eval()
    good = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            good += (net(xb).argmax(-1) == yb).float().sum().item()
    print("Accuracy:", 100 * good / len(test_loader.dataset), "%")


run()
