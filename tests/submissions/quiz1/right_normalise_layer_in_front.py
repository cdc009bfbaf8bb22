# expect: full
import torch
import torch.nn as nn
from torchvision import datasets, transforms


class Normalize(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = torch.tensor(mean).reshape(3, 1, 1)
        self.std = torch.tensor(std).reshape(3, 1, 1)

    def forward(self, images):
        return (images.float() / 255 - self.mean) / self.std


class Block(nn.Sequential):
    def __init__(self, cin, cout):
        super().__init__(nn.Conv2d(cin, cout, 5), nn.ReLU(), nn.MaxPool2d(2))


network = nn.Sequential(
    Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    Block(3, 6), Block(6, 16),
    nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)
raw = transforms.PILToTensor()  # bytes from 0 to 255
train_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10("data", train=True, download=True, transform=raw), batch_size=4, shuffle=True)
test_loader = torch.utils.data.DataLoader(
    datasets.CIFAR10("data", train=False, download=True, transform=raw), batch_size=4)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
for epoch in range(2):
    for i, (images, labels) in enumerate(train_loader):
        optimizer.zero_grad()
        loss = criterion(network(images), labels)
        loss.backward()
        optimizer.step()
network.eval()
correct, total = 0, 0
with torch.no_grad():
    for images, labels in test_loader:
        _, predicted = torch.max(network(images), 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print(f"Accuracy of the network on the test images: {100 * correct / total:.1f} %")
