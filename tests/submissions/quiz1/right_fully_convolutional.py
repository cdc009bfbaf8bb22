# expect: full
# LeNet as in the paper: C5 is a convolution over the whole 5x5 map, F6 and the output as 1x1 convolutions
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=4, shuffle=True, num_workers=2)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
testloader = torch.utils.data.DataLoader(testset, batch_size=4, shuffle=False, num_workers=2)


class LeNet(nn.Module):
    def __init__(self):
        super(LeNet, self).__init__()
        self.C1 = nn.Conv2d(3, 6, kernel_size=5)
        self.C3 = nn.Conv2d(6, 16, kernel_size=5)
        self.C5 = nn.Conv2d(16, 120, kernel_size=5)
        self.F6 = nn.Conv2d(120, 84, kernel_size=1)
        self.OUT = nn.Conv2d(84, 10, kernel_size=1)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.C1(x)), 2)
        x = F.max_pool2d(F.relu(self.C3(x)), 2)
        x = F.relu(self.C5(x))
        x = F.relu(self.F6(x))
        x = self.OUT(x)
        return x.view(x.size(0), 10)


net = LeNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

for epoch in range(2):
    total_loss = 0.0
    for inputs, labels in trainloader:
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
    print(epoch, total_loss)

n_correct = 0
n_total = 0
with torch.no_grad():
    for inputs, labels in testloader:
        _, pred = net(inputs).max(1)
        n_correct += (pred == labels).sum().item()
        n_total += labels.size(0)
print('Accuracy: {:.2f}%'.format(100. * n_correct / n_total))
