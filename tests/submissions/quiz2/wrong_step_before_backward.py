# expect: step-before-backward@52
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision import datasets, transforms


class VGG11(nn.Module):
    """Pads by hand, since padding='same' was new to me."""

    def __init__(self):
        super().__init__()
        self.pad = nn.ZeroPad2d(1)
        self.conv1 = nn.Conv2d(3, 64, 3)
        self.conv2 = nn.Conv2d(64, 128, 3)
        self.conv3 = nn.Conv2d(128, 256, 3, padding="same")
        self.conv4 = nn.Conv2d(256, 256, 3, padding="same")
        self.conv5 = nn.Conv2d(256, 512, 3, padding=1)
        self.conv6 = nn.Conv2d(512, 512, 3, padding=(1, 1))
        self.conv7 = nn.Conv2d(512, 512, (3, 3))
        self.conv8 = nn.Conv2d(512, 512, (3, 3))
        self.fc = nn.Linear(512, 10)

    def forward(self, x):
        x = F.max_pool2d(self.conv1(self.pad(x)).relu(), kernel_size=2, stride=2)
        x = F.max_pool2d(self.conv2(self.pad(x)).relu(), kernel_size=2, stride=2)
        x = self.conv3(x).relu()
        x = F.max_pool2d(self.conv4(x).relu(), kernel_size=2, stride=2)
        x = self.conv5(x).relu()
        x = F.max_pool2d(self.conv6(x).relu(), kernel_size=2, stride=2)
        x = self.conv7(F.pad(x, (1, 1, 1, 1))).relu()
        x = self.conv8(F.pad(x, (1, 1, 1, 1), "constant", 0)).relu()
        x = F.adaptive_max_pool2d(x, 1)
        return self.fc(x[:, :, 0, 0])


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(datasets.CIFAR10(".", train=True, download=True, transform=tf),
                                           batch_size=64, shuffle=True)
test_loader = torch.utils.data.DataLoader(datasets.CIFAR10(".", train=False, download=True, transform=tf),
                                          batch_size=64, shuffle=False)

net = VGG11()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

for epoch in range(3):
    total_loss = 0
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        optimizer.step()
        loss.backward()
        total_loss += loss.item()
    print("epoch %d: %.3f" % (epoch + 1, total_loss / len(train_loader)))

n_correct, n_total = 0, 0
with torch.no_grad():
    for x, y in test_loader:
        n_correct += torch.eq(torch.argmax(net(x), dim=1), y).sum().item()
        n_total += y.shape[0]
print("accuracy:", n_correct / n_total)
