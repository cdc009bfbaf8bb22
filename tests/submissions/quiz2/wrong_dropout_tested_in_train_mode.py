# expect: extra-layer@29 test-in-train-mode
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torch.autograd import Variable
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True, num_workers=0)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
testloader = torch.utils.data.DataLoader(testset, batch_size=64, shuffle=False, num_workers=0)


class VGG_A(nn.Module):
    def __init__(self):
        super(VGG_A, self).__init__()
        self.conv64 = nn.Conv2d(3, 64, 3, 1, 1)
        self.conv128 = nn.Conv2d(64, 128, 3, 1, 1)
        self.conv256_1 = nn.Conv2d(128, 256, 3, 1, 1)
        self.conv256_2 = nn.Conv2d(256, 256, 3, 1, 1)
        self.conv512_1 = nn.Conv2d(256, 512, 3, 1, 1)
        self.conv512_2 = nn.Conv2d(512, 512, 3, 1, 1)
        self.conv512_3 = nn.Conv2d(512, 512, 3, 1, 1)
        self.conv512_4 = nn.Conv2d(512, 512, 3, 1, 1)
        self.maxpool = nn.MaxPool2d(2, 2)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.relu_(self.conv64(x))
        x = self.maxpool(x)
        x = F.relu_(self.conv128(x))
        x = self.maxpool(x)
        x = F.relu_(self.conv256_1(x))
        x = F.relu_(self.conv256_2(x))
        x = self.maxpool(x)
        x = F.relu_(self.conv512_1(x))
        x = F.relu_(self.conv512_2(x))
        x = self.maxpool(x)
        x = F.relu_(self.conv512_3(x))
        x = F.relu_(self.conv512_4(x))
        x = self.maxpool(x)
        x = torch.squeeze(x)
        x = self.drop(x)
        x = self.fc(x)
        return x


net = VGG_A().cuda()
criterion = nn.CrossEntropyLoss().cuda()
optimizer = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

for epoch in range(10):
    sum_loss = 0.0
    for i, (inputs, labels) in enumerate(trainloader):
        inputs, labels = Variable(inputs.cuda()), Variable(labels.cuda())
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        sum_loss += loss.item()
        if i % 100 == 99:
            print('[%d %d] loss:%.03f' % (epoch + 1, i + 1, sum_loss / 100))
            sum_loss = 0.0

print('Waiting Test!')
with torch.no_grad():
    correct = 0
    total = 0
    for images, labels in testloader:
        images, labels = images.cuda(), labels.cuda()
        outputs = net(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum()
    print('test acc: %.3f%%' % (100 * float(correct) / total))
