# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchvision import datasets, transforms


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, (3, 3), padding=(1, 1))
        self.conv2 = nn.Conv2d(64, 128, (3, 3), padding=(1, 1))
        self.conv3a = nn.Conv2d(128, 256, (3, 3), padding=(1, 1))
        self.conv3b = nn.Conv2d(256, 256, (3, 3), padding=(1, 1))
        self.conv4a = nn.Conv2d(256, 512, (3, 3), padding=(1, 1))
        self.conv4b = nn.Conv2d(512, 512, (3, 3), padding=(1, 1))
        self.conv5a = nn.Conv2d(512, 512, (3, 3), padding=(1, 1))
        self.conv5b = nn.Conv2d(512, 512, (3, 3), padding=(1, 1))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv3a(x))
        x = F.max_pool2d(F.relu(self.conv3b(x)), 2)
        x = F.relu(self.conv4a(x))
        x = F.max_pool2d(F.relu(self.conv4b(x)), 2)
        x = F.relu(self.conv5a(x))
        x = F.max_pool2d(F.relu(self.conv5b(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        return F.log_softmax(self.fc(x), dim=1)

    def num_flat_features(self, x):
        size = x.size()[1:]  # all dimensions except the batch dimension
        num_features = 1
        for s in size:
            num_features *= s
        return num_features


def train(model, device, train_loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(train_loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = F.nll_loss(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % 50 == 0:
            print('Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}'.format(
                epoch, batch_idx * len(data), len(train_loader.dataset),
                100. * batch_idx / len(train_loader), loss.item()))


def test(model, device, test_loader):
    model.eval()
    test_loss = 0
    correct = 0
    with torch.no_grad():
        for data, target in test_loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            test_loss += F.nll_loss(output, target, reduction='sum').item()
            pred = output.argmax(dim=1, keepdim=True)
            correct += pred.eq(target.view_as(pred)).sum().item()
    test_loss /= len(test_loader.dataset)
    print('\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.2f}%)\n'.format(
        test_loss, correct, len(test_loader.dataset), 100. * correct / len(test_loader.dataset)))


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    transform = transforms.Compose([transforms.ToTensor(),
                                    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
    dataset1 = datasets.CIFAR10('../data', train=True, download=True, transform=transform)
    dataset2 = datasets.CIFAR10('../data', train=False, transform=transform)
    train_loader = torch.utils.data.DataLoader(dataset1, batch_size=64, shuffle=True)
    test_loader = torch.utils.data.DataLoader(dataset2, batch_size=1000)
    model = Net().to(device)
    optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(1, 15):
        train(model, device, train_loader, optimizer, epoch)
        test(model, device, test_loader)


if __name__ == '__main__':
    main()
