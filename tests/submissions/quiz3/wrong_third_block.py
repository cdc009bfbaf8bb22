# expect: extra-layer extra-layer
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

# 'R' = residual block, 'M' = max pool
FEATURES = [64, 'R', 'M', 'R', 'M', 'R']
CLASSIFIER = [4096, 120, 84, 10]
HIDDEN = 256


class ResidualBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.layers = nn.ModuleList([
            nn.Conv2d(c, HIDDEN, 3, padding=1),
            nn.Conv2d(HIDDEN, c, 3, padding=1),
        ])

    def forward(self, x):
        shortcut = x
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i == 0:
                x = torch.relu(x)
        return torch.relu(x + shortcut)


def make_features(cfg):
    layers, c = [], 3
    for v in cfg:
        if v == 'R':
            layers.append(ResidualBlock(c))
        elif v == 'M':
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(c, v, 3, padding=1), nn.ReLU(inplace=True)]
            c = v
    return nn.ModuleList(layers)


class ResCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = make_features(FEATURES)
        self.classifier = nn.ModuleList(
            nn.Linear(a, b) for a, b in zip(CLASSIFIER[:-1], CLASSIFIER[1:]))

    def forward(self, x):
        for f in self.features:
            x = f(x)
        x = x.view(x.size(0), -1)
        for fc in self.classifier[:-1]:
            x = torch.relu(fc(x))
        return self.classifier[-1](x)


transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
])
trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=64)

device = 'cuda' if torch.cuda.is_available() else 'cpu'
net = ResCNN().to(device)
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(list(net.parameters()), lr=0.001)


def train():
    for batch, (images, targets) in enumerate(trainloader):
        images, targets = images.to(device), targets.to(device)
        optimizer.zero_grad()
        loss = loss_function(net(images), targets)
        loss.backward()
        optimizer.step()
        if batch % 100 == 99:
            print('batch %d loss %.3f' % (batch + 1, loss.item()))


def test():
    ok = 0
    with torch.no_grad():
        for images, targets in testloader:
            output = net(images.to(device))
            ok += (output.argmax(1) == targets.to(device)).sum().item()
    print('Test accuracy: %.2f %%' % (100.0 * ok / len(testset)))


for epoch in range(8):
    print('epoch', epoch)
    train()
    test()
