# expect: accumulated-gradients
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

torch.manual_seed(0)

normalize = transforms.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2470, 0.2435, 0.2616])
augmented = transforms.Compose([
    transforms.RandomHorizontalFlip(),
    transforms.RandomCrop(32, padding=4),
    transforms.ToTensor(),
    normalize,
])
plain = transforms.Compose([transforms.ToTensor(), normalize])

full_train = datasets.CIFAR10("./data", train=True, download=True, transform=augmented)
test_set = datasets.CIFAR10("./data", train=False, download=True, transform=plain)
train_set, val_set = random_split(full_train, [45000, 5000])

train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=64)
test_loader = DataLoader(test_set, batch_size=64)


class ResidualBlock(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden, 3, padding=1)
        self.conv2 = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.conv1(x))
        return F.relu(self.conv2(h) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.block1 = ResidualBlock(64, 256)
        self.block2 = ResidualBlock(64, 256)
        self.fc1 = nn.Linear(4096, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(self.block1(x), 2)
        x = F.max_pool2d(self.block2(x), 2)
        x = x.flatten(1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


def count_correct(model, loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, labels in loader:
            correct += (model(images).argmax(dim=1) == labels).sum().item()
    return correct


model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

best_accuracy, best_weights = 0.0, copy.deepcopy(model.state_dict())
for epoch in range(15):
    model.train()
    for i, (images, labels) in enumerate(train_loader):
        loss = criterion(model(images), labels)
        loss.backward()
        if i % 2 == 1:
            optimizer.step()
            optimizer.zero_grad()
    val_accuracy = count_correct(model, val_loader) / len(val_set)
    print(f"epoch {epoch}: validation accuracy {val_accuracy:.3f}")
    if val_accuracy > best_accuracy:
        best_accuracy, best_weights = val_accuracy, copy.deepcopy(model.state_dict())

model.load_state_dict(best_weights)
print(f"test accuracy: {count_correct(model, test_loader) / len(test_set):.4f}")
