# expect: missing-activation:relu3
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

normalize = transforms.Compose([
    transforms.ToTensor(),
    lambda image: (image - 0.5) / 0.5,
])


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.drop = nn.Dropout(0.5)  # tried it, did not help, see forward

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv1(x)
        x.relu_()
        x = F.max_pool2d(x, 2)
        x = self.conv2(x)
        x.relu_()
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        F.relu(x)
        # x = self.drop(x)
        x = F.relu(self.fc2(x), inplace=True)
        return self.fc3(x)


train_set = datasets.CIFAR10(root="data", train=True, download=True, transform=normalize)
test_set = datasets.CIFAR10(root="data", train=False, download=True, transform=normalize)
net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

for epoch in range(1, 6):
    net.train()
    for images, labels in DataLoader(train_set, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()

    net.eval()
    right = 0
    with torch.inference_mode():
        for images, labels in DataLoader(test_set, batch_size=250):
            right += (net(images).argmax(dim=1) == labels).sum().item()
    print(f"epoch {epoch}: test accuracy {100 * right / len(test_set):.2f}%")
