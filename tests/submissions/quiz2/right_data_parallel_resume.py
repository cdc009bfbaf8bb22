# expect: full
'''VGG11 on CIFAR10. Usage: python vgg.py [--resume]'''
import argparse
import os

import torch
import torch.backends.cudnn as cudnn
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

parser = argparse.ArgumentParser(description='cifar10 vgg11')
parser.add_argument('--lr', default=0.01, type=float, help='learning rate')
parser.add_argument('--momentum', default=0.9, type=float)
parser.add_argument('--epochs', default=60, type=int)
parser.add_argument('--resume', '-r', action='store_true', help='go on from checkpoint')
args, unknown = parser.parse_known_args()

device = 'cuda' if torch.cuda.is_available() else 'cpu'
best_acc, start_epoch = 0, 0

print('==> data')
to_normal = [transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))]
train_tf = transforms.Compose([transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip()] + to_normal)
test_tf = transforms.Compose(to_normal)
trainloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=train_tf),
    batch_size=128, shuffle=True, num_workers=2)
testloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=test_tf),
    batch_size=100, shuffle=False, num_workers=2)


def make_layers(cfg, c=3):
    for v in cfg:
        if v == 'M':
            yield nn.MaxPool2d(kernel_size=2, stride=2)
        else:
            yield nn.Conv2d(c, v, kernel_size=3, padding=1)
            yield nn.ReLU(inplace=True)
            c = v


class VGG(nn.Module):
    def __init__(self, cfg, num_classes=10):
        super().__init__()
        self.features = nn.Sequential(*make_layers(cfg))
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        f = self.features(x)
        return self.fc(f.reshape(f.shape[0], -1))


print('==> model')
net = VGG([64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M'])
net = nn.DataParallel(net).to(device)
cudnn.benchmark = True

if args.resume or os.path.isfile('./checkpoint/ckpt.pth'):
    print('==> resuming')
    ckpt = torch.load('./checkpoint/ckpt.pth', map_location=device)
    net.load_state_dict(ckpt['net'])
    best_acc, start_epoch = ckpt['acc'], ckpt['epoch']

criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum)


def run(loader, train):
    net.train(train)
    loss_sum = correct = total = 0
    with torch.set_grad_enabled(train):
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            if train:
                optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, targets)
            if train:
                loss.backward()
                optimizer.step()
            loss_sum += loss.item()
            correct += outputs.max(1)[1].eq(targets).sum().item()
            total += targets.size(0)
    return loss_sum / len(loader), 100. * correct / total


for epoch in range(start_epoch, start_epoch + args.epochs):
    train_loss, train_acc = run(trainloader, True)
    test_loss, test_acc = run(testloader, False)
    print('Epoch %3d | train %.3f %.2f%% | test %.3f %.2f%%' % (epoch, train_loss, train_acc, test_loss, test_acc))
    if test_acc > best_acc:
        if not os.path.isdir('checkpoint'):
            os.mkdir('checkpoint')
        torch.save({'net': net.state_dict(), 'acc': test_acc, 'epoch': epoch}, './checkpoint/ckpt.pth')
        best_acc = test_acc
print('best', best_acc)
