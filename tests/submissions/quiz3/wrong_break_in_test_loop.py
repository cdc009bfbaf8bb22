# expect: test-incomplete@69
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


class Residual(nn.Module):
    def __init__(self, ch, mid):
        super().__init__()
        self.conv1 = nn.Conv2d(ch, mid, 3, padding=1)
        self.conv2 = nn.Conv2d(mid, ch, 3, padding=1)

    def forward(self, x):
        z = self.conv2(F.relu(self.conv1(x)))
        return F.relu(z + x)


class FeatureNet(nn.Module):
    """Returns the class scores and the 84 features before them (for the t-SNE plot)."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.r1 = Residual(64, 256)
        self.r2 = Residual(64, 256)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = self.pool(self.r1(x))
        x = self.pool(self.r2(x))
        x = x.view(len(x), -1)
        x = F.relu(self.fc1(x))
        features = F.relu(self.fc2(x))
        return self.fc3(features), features


device = "cuda" if torch.cuda.is_available() else "cpu"
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
train_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10("./data", train=True, download=True, transform=transform),
    batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    torchvision.datasets.CIFAR10("./data", train=False, download=True, transform=transform),
    batch_size=64)

net = FeatureNet().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(5):
    for i, (images, labels) in enumerate(train_loader):
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        logits, _ = net(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        if i % 300 == 0:
            print(f"epoch {epoch} step {i} loss {loss.item():.3f}")

correct = total = 0
with torch.no_grad():
    for images, labels in test_loader:
        logits, _ = net(images.to(device))
        correct += (logits.argmax(1).cpu() == labels).sum().item()
        total += len(labels)
        break
print(f"Accuracy: {100 * correct / total:.2f} %")
