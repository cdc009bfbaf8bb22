# expect: learning-rate-schedule
import argparse
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float, default=0.01)
parser.add_argument('--epochs', type=int, default=90)
args = parser.parse_args()


def adjust_learning_rate(optimizer, epoch):
    """Sets the learning rate to the initial LR decayed by 10 every 30 epochs"""
    lr = args.lr * (0.1 ** (epoch // 30))
    for param_group in optimizer.param_groups:
        param_group['lr'] = lr
    return lr


class VGG(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = features
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(512, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def layers(*cfg):
    c = 3
    for w in cfg:
        if w:
            yield nn.Conv2d(c, w, 3, padding=1)
            yield nn.ReLU(inplace=True)
            c = w
        else:
            yield nn.MaxPool2d(2)


def main():
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616))])
    train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 128, shuffle=True)
    test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 128)
    net = VGG(nn.Sequential(*layers(64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0)))
    optimizer = torch.optim.SGD(net.parameters(), args.lr, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(args.epochs):
        lr = adjust_learning_rate(optimizer, epoch)
        net.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            hits = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
        print('epoch %d lr %.5f accuracy %.4f' % (epoch, lr, hits / len(test.dataset)))


if __name__ == '__main__':
    main()
