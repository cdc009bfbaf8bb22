# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

device = "cuda" if torch.cuda.is_available() else "cpu"


class LazyBlock(nn.Module):
    def __init__(self, channels=64, hidden=256):
        super().__init__()
        self.conv1 = nn.LazyConv2d(hidden, kernel_size=3, padding=1)
        self.conv2 = nn.LazyConv2d(channels, kernel_size=3, padding=1)

    def forward(self, X):
        Y = F.relu(self.conv1(X))
        Y = self.conv2(Y)
        Y += X
        return F.relu(Y)


def lenet_with_blocks():
    return nn.Sequential(
        nn.LazyConv2d(64, kernel_size=3, padding=1), nn.ReLU(),
        LazyBlock(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        LazyBlock(),
        nn.MaxPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.LazyLinear(120), nn.ReLU(),
        nn.LazyLinear(84), nn.ReLU(),
        nn.LazyLinear(10))


def load_cifar10(batch_size):
    trans = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])])
    train = torchvision.datasets.CIFAR10(root="../data", train=True, transform=trans, download=True)
    test = torchvision.datasets.CIFAR10(root="../data", train=False, transform=trans, download=True)
    return (torch.utils.data.DataLoader(train, batch_size, shuffle=True),
            torch.utils.data.DataLoader(test, batch_size, shuffle=False))


net = lenet_with_blocks()
X = torch.rand(size=(1, 3, 32, 32))
for layer in net:
    X = layer(X)
    print(layer.__class__.__name__, 'output shape:\t', X.shape)

train_iter, test_iter = load_cifar10(256)
net.to(device)
loss = nn.CrossEntropyLoss()
trainer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(10):
    net.train()
    metric = [0.0, 0]
    for X, y in train_iter:
        trainer.zero_grad()
        X, y = X.to(device), y.to(device)
        l = loss(net(X), y)
        l.backward()
        trainer.step()
        with torch.no_grad():
            metric[0] += float(l) * X.shape[0]
            metric[1] += X.shape[0]
    print(f'epoch {epoch + 1}, train loss {metric[0] / metric[1]:.3f}')

net.eval()
correct = 0
with torch.no_grad():
    for X, y in test_iter:
        y_hat = net(X.to(device)).argmax(axis=1)
        correct += (y_hat.type(y.dtype).cpu() == y).sum()
print(f'test acc {float(correct) / 10000:.3f}')
