# expect: extra-weight-decay
"""Quiz 2. My network overfitted, so I added regularisation to the loss by hand."""
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

LAMBDA = 5e-3
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform), batch_size=32, shuffle=True)
testloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform), batch_size=32)


class Net(nn.Module):
    def __init__(self, cfg=(64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M')):
        super().__init__()
        layers, c = [], 3
        for v in cfg:
            layers += [nn.MaxPool2d(2)] if v == 'M' else [nn.Conv2d(c, v, 3, padding=1), nn.ReLU()]
            c = c if v == 'M' else v
        self.f = nn.Sequential(*layers)
        self.c = nn.Linear(512, 10)

    def forward(self, x):
        return self.c(self.f(x).view(x.size(0), -1))


net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    for i, (inputs, labels) in enumerate(trainloader):
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        l2 = torch.tensor(0.)
        for p in net.parameters():
            l2 = l2 + p.pow(2).sum()
        loss = loss + LAMBDA / 2 * l2
        loss.backward()
        optimizer.step()
        if i % 100 == 0:
            print(epoch, i, loss.item(), l2.item())

correct = total = 0
with torch.no_grad():
    for inputs, labels in testloader:
        _, predicted = torch.max(net(inputs), 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print('Accuracy on %d images: %.1f %%' % (total, 100 * correct / total))
