# expect: wrong-accuracy@83
# Quiz3.py - final version
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms
import matplotlib.pyplot as plt

tf = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
trainset = torchvision.datasets.CIFAR10('C:\\Users\\me\\data', train=True, download=True, transform=tf)
testset = torchvision.datasets.CIFAR10('C:\\Users\\me\\data', train=False, download=True, transform=tf)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=64, shuffle=False)


class ResidualBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        out = self.conv1(x)
        out = F.relu(out)
        out = self.conv2(out)
        out = out + x
        out = F.relu(out)
        return out


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.block1 = ResidualBlock()
        self.block2 = ResidualBlock()
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = self.pool(self.block1(x))
        x = self.pool(self.block2(x))
        x = x.view(-1, 4096)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.001)

history = []
for epoch in range(3):
    for inputs, labels in trainloader:
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    print('epoch', epoch + 1, 'loss', history[-1])

plt.plot(history)
plt.title('training loss')
plt.savefig('loss.png')

correct = 0
total = 0
with torch.no_grad():
    for images, labels in testloader:
        predicted = torch.max(net(images), 1)[0]
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print('Accuracy: %.2f %%' % (100 * correct / total))
