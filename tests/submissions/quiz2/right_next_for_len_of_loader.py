# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

BATCH, EPOCHS = 50, 8
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
trainset = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf)
testset = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=BATCH, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=BATCH)


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 64, 3, padding=1), nn.Conv2d(64, 128, 3, padding=1)
        self.c3, self.c4 = nn.Conv2d(128, 256, 3, padding=1), nn.Conv2d(256, 256, 3, padding=1)
        self.c5, self.c6 = nn.Conv2d(256, 512, 3, padding=1), nn.Conv2d(512, 512, 3, padding=1)
        self.c7, self.c8 = nn.Conv2d(512, 512, 3, padding=1), nn.Conv2d(512, 512, 3, padding=1)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(self.c1(x).relu(), 2)
        x = F.max_pool2d(self.c2(x).relu(), 2)
        x = F.max_pool2d(self.c4(self.c3(x).relu()).relu(), 2)
        x = F.max_pool2d(self.c6(self.c5(x).relu()).relu(), 2)
        x = F.max_pool2d(self.c8(self.c7(x).relu()).relu(), 2)
        return self.fc(x[:, :, 0, 0])


net = VGG()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
steps = len(trainset) // BATCH
for epoch in range(EPOCHS):
    batches = iter(trainloader)
    total = 0
    for step in range(steps):
        x, y = next(batches)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print('epoch', epoch, 'loss', total / steps)

batches = iter(testloader)
hits = 0
with torch.no_grad():
    for step in range(len(testloader)):
        x, y = next(batches)
        hits += (net(x).argmax(1) == y).sum().item()
print('accuracy', hits / len(testset))
