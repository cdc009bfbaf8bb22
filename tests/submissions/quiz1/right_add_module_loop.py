# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

CONV = [(3, 6), (6, 16)]
DENSE = [(400, 120), (120, 84), (84, 10)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for n, (cin, cout) in enumerate(CONV, 1):
            setattr(self, f'conv{n}', nn.Conv2d(cin, cout, 5))
            self.add_module('pool%d' % n, nn.MaxPool2d(2, 2))
        for n, (fin, fout) in enumerate(DENSE, 1):
            setattr(self, f'fc{n}', nn.Linear(fin, fout))

    def forward(self, x):
        zero = torch.zeros(1)
        for n in range(1, len(CONV) + 1):
            x = getattr(self, f'conv{n}')(x)
            x = torch.maximum(x, zero)
            x = getattr(self, f'pool{n}')(x)
        x = x.view(x.size(0), -1)
        for n in range(1, len(DENSE) + 1):
            x = getattr(self, f'fc{n}')(x)
            if n < len(DENSE):
                x = torch.maximum(x, zero)
        return x


def get_data():
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    for train in (True, False):
        ds = torchvision.datasets.CIFAR10('data', train=train, download=True, transform=t)
        yield torch.utils.data.DataLoader(ds, batch_size=16, shuffle=train)


def main(epochs=6):
    trainloader, testloader = get_data()
    net = Net()
    sgd = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        for batch in trainloader:
            sgd.zero_grad()
            ce(net(batch[0]), batch[1]).backward()
            sgd.step()
        print('epoch', epoch, 'done')
        correct = 0
        net.eval()
        with torch.no_grad():
            for image, label in testloader:
                correct += sum(net(image).argmax(dim=1) == label).item()
        net.train()
        print('correct: %d of %d (%.2f %%)' % (correct, len(testloader.dataset), correct / len(testloader.dataset) * 100))


if __name__ == '__main__':
    main()
