# expect: wrong-attribute:pool1.padding@36
import torch
import torch.nn as nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
import torchvision
from torchvision import transforms
from tqdm import tqdm

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
num_epochs = 30
batch_size = 256
lr = 0.001

MEAN = [0.4914, 0.4822, 0.4465]
STD = [0.2023, 0.1994, 0.2010]


class ResidualUnit(nn.Module):
    def __init__(self, channels: int = 64, hidden_channels: int = 256):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, hidden_channels, 3, padding='same')
        self.conv2 = nn.Conv2d(hidden_channels, channels, 3, padding='same')

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.conv1(x))
        y = self.conv2(y)
        return F.relu(x + y)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding='same')
        self.unit1 = ResidualUnit()
        self.pool1 = nn.MaxPool2d(2, 2, padding=1)
        self.unit2 = ResidualUnit()
        self.pool2 = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(64 * 8 * 8, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv(x))
        x = self.pool1(self.unit1(x))
        x = self.pool2(self.unit2(x))
        x = x.view(x.shape[0], -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
train_dataset = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
test_dataset = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform)
train_loader = DataLoader(train_dataset, batch_size=batch_size, shuffle=True)
test_loader = DataLoader(test_dataset, batch_size=batch_size)

model = ConvNet().to(device)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=lr)

for epoch in range(num_epochs):
    loop = tqdm(train_loader, total=len(train_loader), leave=False)
    for images, labels in loop:
        images = images.to(device)
        labels = labels.to(device)
        scores = model(images)
        loss = criterion(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loop.set_description(f'Epoch [{epoch + 1}/{num_epochs}]')
        loop.set_postfix(loss=loss.item())

num_correct = 0
num_samples = 0
with torch.no_grad():
    for images, labels in tqdm(test_loader):
        scores = model(images.to(device))
        num_correct += (scores.argmax(1) == labels.to(device)).sum().item()
        num_samples += labels.size(0)
print(f'Got {num_correct}/{num_samples} with accuracy {num_correct / num_samples * 100:.2f}')
