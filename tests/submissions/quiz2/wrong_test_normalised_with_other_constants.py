# expect: not-normalised
import torch
import torchvision
from torch import nn
from torchvision import transforms

train_transform = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
])
test_transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (1.0, 1.0, 1.0)),
])
train_set = torchvision.datasets.CIFAR10(root='data', train=True, download=True, transform=train_transform)
test_set = torchvision.datasets.CIFAR10(root='data', train=False, download=True, transform=test_transform)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=128, shuffle=True, num_workers=2)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=128, shuffle=False, num_workers=2)


def make_layers(cfg):
    c, out = 3, []
    for v in cfg:
        if v == 'M':
            out.append(nn.MaxPool2d(2, 2))
        else:
            out.append(nn.Conv2d(c, v, 3, 1, 1))
            out.append(nn.ReLU(inplace=True))
            c = v
    return nn.Sequential(*out)


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = make_layers([64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(512, 10)

    def forward(self, x):
        return self.classifier(torch.flatten(self.avgpool(self.features(x)), 1))


device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
net = VGG().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(30):
    net.train()
    for x, y in train_loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += net(x.to(device)).argmax(1).eq(y.to(device)).sum().item()
    print(f'Epoch {epoch + 1}: loss {loss.item():.3f}, test acc {100. * correct / len(test_set):.2f}%')
