# expect: wrong-attribute:fc1.out_features@39 wrong-attribute:fc2.out_features@40
import torch
import torchvision
import torchvision.transforms as transforms
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

if __name__ == '__main__':
    # windows needs the guard because of num_workers
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])

    trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
    trainloader = torch.utils.data.DataLoader(trainset, batch_size=20, shuffle=True, num_workers=2)
    testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
    testloader = torch.utils.data.DataLoader(testset, batch_size=20, shuffle=False, num_workers=2)

    classes = ('plane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck')

    class ResBlk(nn.Module):
        def __init__(self):
            super(ResBlk, self).__init__()
            self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
            self.conv2 = nn.Conv2d(256, 64, 3, padding=1)

        def forward(self, x):
            res = x
            x = F.relu(self.conv1(x))
            x = self.conv2(x)
            return F.relu(res + x)

    class Net(nn.Module):
        def __init__(self):
            super(Net, self).__init__()
            self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
            self.blk1 = ResBlk()
            self.pool = nn.MaxPool2d(2, 2)
            self.blk2 = ResBlk()
            self.fc1 = nn.Linear(4096, 84)
            self.fc2 = nn.Linear(84, 120)
            self.fc3 = nn.Linear(120, 10)

        def forward(self, x):
            x = F.relu(self.conv1(x))
            x = self.pool(self.blk1(x))
            x = self.pool(self.blk2(x))
            x = x.view(-1, 4096)
            x = F.relu(self.fc1(x))
            x = F.relu(self.fc2(x))
            return self.fc3(x)

    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(net.parameters(), lr=0.001)

    for epoch in range(2):
        running_loss = 0.0
        for i, data in enumerate(trainloader, 0):
            inputs, labels = data
            optimizer.zero_grad()
            outputs = net(inputs)
            loss = criterion(outputs, labels)
            loss.backward()
            optimizer.step()
            running_loss += loss.item()
            if i % 1000 == 999:
                print('[%d, %5d] loss: %.3f' % (epoch + 1, i + 1, running_loss / 1000))
                running_loss = 0.0

    correct = 0
    total = 0
    class_correct = [0.] * 10
    class_total = [0.] * 10
    with torch.no_grad():
        for data in testloader:
            images, labels = data
            outputs = net(images)
            _, predicted = torch.max(outputs, 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
            for label, hit in zip(labels, predicted == labels):
                class_correct[label] += hit.item()
                class_total[label] += 1
    print('Accuracy of the network on the test images: %d %%' % (100 * correct / total))
    for i in range(10):
        if class_total[i]:
            print('Accuracy of %5s : %2d %%' % (classes[i], 100 * class_correct[i] / class_total[i]))
