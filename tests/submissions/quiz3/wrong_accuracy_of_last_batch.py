# expect: wrong-accuracy@78
import torch, torchvision
import torch.nn as nn
import torch.optim as optim
import torchvision.transforms as transforms

device = torch.device("cuda") if torch.cuda.is_available() else torch.device("cpu")

transform = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])


class block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, 1, 1)
        self.conv2 = nn.Conv2d(256, 64, 3, 1, 1)

    def forward(self, x):
        out = self.conv1(x).relu_()
        out = self.conv2(out)
        out += x
        return out.relu_()


class cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, 1, 1)
        self.block1 = block()
        self.block2 = block()
        self.maxpool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.relu_(self.conv(x))
        x = self.maxpool(self.block1(x))
        x = self.maxpool(self.block2(x))
        x = x.contiguous().view(x.shape[0], 4096)
        x = nn.functional.relu(self.fc1(x), inplace=True)
        x = nn.functional.relu_(self.fc2(x))
        return self.fc3(x)


trainloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./cifar', train=True, download=True, transform=transform),
    batch_size=16, shuffle=True)
testloader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./cifar', train=False, download=True, transform=transform),
    batch_size=16, shuffle=False)

net = cnn().to(device)
criterion = nn.CrossEntropyLoss().to(device)
optimizer = optim.Adam(net.parameters(), lr=1e-3)

for epoch in range(4):
    running = 0.
    for i, (x, y) in enumerate(trainloader):
        x = x.to(device); y = y.to(device)
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(net(x), y)
        loss.backward(); optimizer.step()
        running += loss.item()
        if (i + 1) % 500 == 0:
            print(f'{epoch + 1} {i + 1} {running / 500:.3f}')
            running = 0.

with torch.inference_mode():
    correct = total = 0
    for x, y in testloader:
        p = net(x.to(device)).argmax(1)
        correct = p.eq(y.to(device)).sum().item()
        total += y.numel()
print('Test Accuracy: {:.2f}%'.format(correct / total * 100))
