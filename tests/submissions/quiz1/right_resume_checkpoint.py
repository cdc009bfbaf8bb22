# expect: full
import torch
import torch.nn as nn
import torchvision
from torchvision import transforms as T

CHECKPOINT = './checkpoint/lenet_last.pth'
EPOCHS = 20

transform = T.Compose([T.ToTensor(), T.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
train_set = torchvision.datasets.CIFAR10(root='./data', train=True, download=False, transform=transform)
test_set = torchvision.datasets.CIFAR10(root='./data', train=False, download=False, transform=transform)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=128, shuffle=True, num_workers=2)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=100, shuffle=False, num_workers=2)

net = nn.Sequential(
    nn.Conv2d(3, 6, 5), nn.ReLU(True), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(True), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120), nn.ReLU(True),
    nn.Linear(120, 84), nn.ReLU(True),
    nn.Linear(84, 10),
)
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
criterion = nn.CrossEntropyLoss()

# 지난번에 학습하던 곳부터 이어서 학습
checkpoint = torch.load(CHECKPOINT)
net.load_state_dict(checkpoint['net'])
optimizer.load_state_dict(checkpoint['optimizer'])
start_epoch = checkpoint['epoch']
best_acc = 0

for epoch in range(start_epoch, EPOCHS):
    net.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
    net.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in test_loader:
            correct += net(images).max(1)[1].eq(labels).sum().item()
    acc = 100. * correct / len(test_set)
    print('epoch %d: loss %.3f, test accuracy %.2f%%' % (epoch + 1, loss.item(), acc))
    torch.save({'net': net.state_dict(), 'optimizer': optimizer.state_dict(), 'epoch': epoch + 1}, CHECKPOINT)
