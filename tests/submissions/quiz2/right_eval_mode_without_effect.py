# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

# nothing in this network cares about train() or eval()
net = nn.Sequential(
    nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(128, 256, 3, padding=1), nn.ReLU(),
    nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(256, 512, 3, padding=1), nn.ReLU(),
    nn.Conv2d(512, 512, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(512, 512, 3, padding=1), nn.ReLU(),
    nn.Conv2d(512, 512, 3, padding=1),
    nn.AvgPool2d(2), nn.ReLU(),
    nn.Flatten(),
    nn.Linear(512, 10),
)

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=tf), batch_size=50, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=tf), batch_size=50)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)


def test():
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_loader:
            correct += (net(x).argmax(1) == y).sum().item()
    return correct / len(test_loader.dataset)


print('accuracy before training: %.4f' % test())
for epoch in range(5):
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
    print('epoch %d accuracy: %.4f' % (epoch + 1, test()))
