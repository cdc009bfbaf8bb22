# expect: labels-mismatched
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


class VGG11Features(nn.Module):
    """Returns the class scores and the 512 features (for a t-SNE plot later)."""

    def __init__(self):
        super().__init__()
        conv = lambda i, o: nn.Conv2d(i, o, kernel_size=3, stride=1, padding=1)
        self.conv1, self.conv2 = conv(3, 64), conv(64, 128)
        self.conv3, self.conv4 = conv(128, 256), conv(256, 256)
        self.conv5, self.conv6 = conv(256, 512), conv(512, 512)
        self.conv7, self.conv8 = conv(512, 512), conv(512, 512)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = self.pool(F.relu(self.conv4(F.relu(self.conv3(x)))))
        x = self.pool(F.relu(self.conv6(F.relu(self.conv5(x)))))
        x = F.relu(self.conv8(F.relu(self.conv7(x))))
        features = torch.amax(x, dim=(2, 3))
        return self.fc(features), features


transform = transforms.Compose([transforms.ToTensor(),
                                transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
train_data = torchvision.datasets.CIFAR10('data', train=True, download=True, transform=transform)
test_data = torchvision.datasets.CIFAR10('data', train=False, download=True, transform=transform)
train_loader = torch.utils.data.DataLoader(train_data, batch_size=32, shuffle=True)
test_loader = torch.utils.data.DataLoader(test_data, batch_size=32)

model = VGG11Features()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

for epoch in range(5):
    for images, labels in train_loader:
        logits, _ = model(images)
        loss = criterion(logits, (labels + 1) % 10)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print('epoch', epoch + 1, 'done, loss', loss.item())

correct = 0
model.eval()
with torch.no_grad():
    for images, labels in test_loader:
        logits, features = model(images)
        correct += (logits.argmax(dim=1) == labels).sum().item()
print('Accuracy: {:.2f}%'.format(correct / len(test_data) * 100))
