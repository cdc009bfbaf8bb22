# expect: full
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms

parser = argparse.ArgumentParser(description='Quiz 2')
parser.add_argument('--lr', default=0.01, type=float, help='learning rate')
parser.add_argument('--momentum', default=0.9, type=float)
parser.add_argument('--batch-size', default=100, type=int)
parser.add_argument('--epochs', default=20, type=int)
args = parser.parse_args()

device = 'cuda' if torch.cuda.is_available() else 'cpu'


class vgg11(nn.Module):
    def __init__(self):
        super(vgg11, self).__init__()
        self.conv1_1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1)
        self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2_1 = nn.Conv2d(64, 128, kernel_size=3, stride=1, padding=1)
        self.pool2 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv3_1 = nn.Conv2d(128, 256, kernel_size=3, stride=1, padding=1)
        self.conv3_2 = nn.Conv2d(256, 256, kernel_size=3, stride=1, padding=1)
        self.pool3 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv4_1 = nn.Conv2d(256, 512, kernel_size=3, stride=1, padding=1)
        self.conv4_2 = nn.Conv2d(512, 512, kernel_size=3, stride=1, padding=1)
        self.pool4 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv5_1 = nn.Conv2d(512, 512, kernel_size=3, stride=1, padding=1)
        self.conv5_2 = nn.Conv2d(512, 512, kernel_size=3, stride=1, padding=1)
        self.pool5 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.fc = nn.Linear(in_features=512, out_features=10)

    def forward(self, x):
        out = F.relu(self.conv1_1(x))
        out = self.pool1(out)
        out = F.relu(self.conv2_1(out))
        out = self.pool2(out)
        out = F.relu(self.conv3_1(out))
        out = F.relu(self.conv3_2(out))
        out = self.pool3(out)
        out = F.relu(self.conv4_1(out))
        out = F.relu(self.conv4_2(out))
        out = self.pool4(out)
        out = F.relu(self.conv5_1(out))
        out = F.relu(self.conv5_2(out))
        out = self.pool5(out)
        out = out.reshape(out.size(0), -1)
        out = self.fc(out)
        return out


transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
trainset = torchvision.datasets.CIFAR10('./data', True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10('./data', False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, args.batch_size, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, args.batch_size, shuffle=False)

net = vgg11().to(device)
criterion = nn.CrossEntropyLoss().to(device)
optimizer = torch.optim.SGD(net.parameters(), args.lr, args.momentum)


def train(epoch):
    net.train()
    for step, (x, y) in enumerate(trainloader):
        x, y = x.to(device), y.to(device)
        out = net(x)
        loss = criterion(out, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (step + 1) % 100 == 0:
            print('Epoch [{}/{}], Step [{}/{}], Loss: {:.4f}'.format(
                epoch + 1, args.epochs, step + 1, len(trainloader), loss.item()))


def test():
    net.eval()
    correct, total = 0, 0
    with torch.no_grad():
        for x, y in testloader:
            x, y = x.to(device), y.to(device)
            _, pred = torch.max(net(x), 1)
            total += y.size(0)
            correct += (pred == y).sum().item()
    print('Test Accuracy: {:.2f} %'.format(100 * correct / total))


for epoch in range(args.epochs):
    train(epoch)
    test()
