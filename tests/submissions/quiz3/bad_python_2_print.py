# expect: status=syntax-error @68
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(),
                                transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_data = torchvision.datasets.CIFAR10(root='data', train=True, download=True, transform=transform)
test_data = torchvision.datasets.CIFAR10(root='data', train=False, download=True, transform=transform)
train_loader = torch.utils.data.DataLoader(train_data, batch_size=128, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_data, batch_size=128, shuffle=False)


class Block(nn.Module):
    def __init__(self, n=64, h=256):
        super().__init__()
        self.c1 = nn.Conv2d(n, h, 3, padding=1)
        self.c2 = nn.Conv2d(h, n, 3, padding=1)

    def forward(self, x):
        # the ReLU comes after the pooling, max(relu) == relu(max)
        return x + self.c2(F.relu(self.c1(x)))


class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 64, 3, padding=1)
        self.b1 = Block()
        self.b2 = Block()
        self.p = nn.MaxPool2d(2)
        self.f1 = nn.Linear(4096, 120)
        self.f2 = nn.Linear(120, 84)
        self.f3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.c(x))
        x = F.relu(self.p(self.b1(x)))
        x = F.relu(self.p(self.b2(x)))
        x = torch.reshape(x, (x.shape[0], -1))
        x = F.relu(self.f1(x))
        x = F.relu(self.f2(x))
        return self.f3(x)


mynet = MyNet()
ce = nn.CrossEntropyLoss()
adam = torch.optim.Adam(mynet.parameters())  # default lr is 0.001

EPOCHS = 6
for e in range(EPOCHS):
    s = 0
    for img, lab in train_loader:
        adam.zero_grad()
        l = ce(mynet(img), lab)
        l.backward()
        adam.step()
        s += l.item()
    print(e, s / len(train_loader))

good = 0
for img, lab in test_loader:
    with torch.no_grad():
        out = mynet(img)
    good += (out.argmax(-1) == lab).sum().item()
print 'Accuracy =', 100 * good / len(test_data), '%'
