# expect: missing-activation:relu2@23
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms


class lenet(nn.Module):
    def __init__(self):
        super(lenet, self).__init__()
        self.C1 = nn.Conv2d(3, 6, 5)
        self.S2 = nn.MaxPool2d(2, 2)
        self.C3 = nn.Conv2d(6, 16, 5)
        self.S4 = nn.MaxPool2d(2, 2)
        self.F5 = nn.Linear(400, 120)
        self.F6 = nn.Linear(120, 84)
        self.F7 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.S2(F.relu(self.C1(x)))
        x = self.S4(self.C3(x))
        x = torch.reshape(x, (-1, 400))
        x = F.relu(self.F5(x))
        x = F.relu(self.F6(x))
        return self.F7(x)


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform),
    batch_size=8, shuffle=True)
testloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform),
    batch_size=8, shuffle=False)

net = lenet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), 0.001, 0.9)

for epoch in range(3):
    for i, (x, y) in enumerate(trainloader):
        # faster than zero_grad()
        for p in net.parameters():
            p.grad = None
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        if (i + 1) % 1000 == 0:
            print("epoch %d, step %d, loss %.4f" % (epoch, i + 1, loss.item()))

n_correct = 0
n_samples = 0
with torch.no_grad():
    for x, y in testloader:
        pred = torch.argmax(net(x), dim=1)
        n_correct += (pred == y).sum().item()
        n_samples += y.size(0)
acc = 100.0 * n_correct / n_samples
print(f"Accuracy of the network: {acc} %")
