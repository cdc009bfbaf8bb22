# expect: extra-layer@24
import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

parser = argparse.ArgumentParser(description='PyTorch CIFAR10 Training')
parser.add_argument('--lr', default=0.001, type=float, help='learning rate')
parser.add_argument('--momentum', default=0.9, type=float)
parser.add_argument('--batch-size', default=16, type=int)
parser.add_argument('--epochs', default=12, type=int)
parser.add_argument('--data', default='./data')
parser.add_argument('--print-freq', default=500, type=int)


class ConvolutionalNetwork(nn.Module):
    def __init__(self):
        super(ConvolutionalNetwork, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.bn1 = nn.BatchNorm2d(6)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16*5*5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.reshape(-1, 16*5*5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x


def main():
    args = parser.parse_args()
    device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    model = ConvolutionalNetwork().to(device)
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = optim.SGD(model.parameters(), args.lr,
                          momentum=args.momentum)

    normalize = transforms.Normalize(mean=[0.491, 0.482, 0.447], std=[0.247, 0.243, 0.262])
    train_loader = torch.utils.data.DataLoader(
        torchvision.datasets.CIFAR10(args.data, train=True, download=True,
                                     transform=transforms.Compose([transforms.ToTensor(), normalize])),
        batch_size=args.batch_size, shuffle=True, pin_memory=True)
    val_loader = torch.utils.data.DataLoader(
        torchvision.datasets.CIFAR10(args.data, train=False, download=True,
                                     transform=transforms.Compose([transforms.ToTensor(), normalize])),
        batch_size=args.batch_size, shuffle=False, pin_memory=True)

    for epoch in range(args.epochs):
        train(train_loader, model, criterion, optimizer, epoch, device, args)
        validate(val_loader, model, device)


def train(train_loader, model, criterion, optimizer, epoch, device, args):
    model.train()
    for i, (images, target) in enumerate(train_loader):
        images = images.to(device, non_blocking=True)
        target = target.to(device, non_blocking=True)
        output = model(images)
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if i % args.print_freq == 0:
            print('Epoch: [%d][%d/%d]  Loss %.4f' % (epoch, i, len(train_loader), loss.item()))


def validate(val_loader, model, device):
    model.eval()
    correct, count = 0, 0
    with torch.no_grad():
        for images, target in val_loader:
            images, target = images.to(device), target.to(device)
            output = model(images)
            correct += output.topk(1, 1)[1].squeeze(1).eq(target).sum().item()
            count += images.size(0)
    print(' * Acc@1 %.3f' % (100. * correct / count))


if __name__ == '__main__':
    main()
