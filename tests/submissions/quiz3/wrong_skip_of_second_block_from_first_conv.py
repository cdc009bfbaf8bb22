# expect: wrong-skip:block2.add@46
# quiz 3
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose(
    [transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=8, shuffle=True)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
testloader = torch.utils.data.DataLoader(testset, batch_size=8, shuffle=False)


class Shortcut(nn.Module):
    def forward(self, fx, x):
        return F.relu(fx + x)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2_1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2_2 = nn.Conv2d(256, 64, 3, padding=1)
        self.conv3_1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv3_2 = nn.Conv2d(256, 64, 3, padding=1)
        self.shortcut = Shortcut()
        self.pool1 = nn.MaxPool2d(2, 2)
        self.pool2 = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x1 = F.relu(self.conv1(x))
        x2 = F.relu(self.conv2_1(x1))
        x3 = self.conv2_2(x2)
        x4 = self.shortcut(x3, x1)
        x5 = self.pool1(x4)
        x6 = F.relu(self.conv3_1(x5))
        x7 = self.conv3_2(x6)
        x8 = self.shortcut(x7, self.pool1(x1))
        x9 = self.pool2(x8)
        x10 = x9.view(-1, self.num_flat_features(x9))
        x11 = F.relu(self.fc1(x10))
        x12 = F.relu(self.fc2(x11))
        return self.fc3(x12)

    def num_flat_features(self, x):
        num_features = 1
        for s in x.size()[1:]:
            num_features *= s
        return num_features


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.001)


def test_accuracy():
    net.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in testloader:
            outputs = net(images)
            correct += (torch.argmax(outputs, 1) == labels).sum().item()
            total += labels.size(0)
    return 100.0 * correct / total


print('before training: accuracy %.1f%%' % test_accuracy())
for epoch in range(2):
    for i, (inputs, labels) in enumerate(trainloader):
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        if i % 1000 == 0:
            print('%d %d %.3f' % (epoch, i, loss.item()))
    print('after epoch %d: accuracy %.1f%%' % (epoch + 1, test_accuracy()))
