# expect: status=forward-error @24 program-error:fc1@24
import torch
from torch import nn, optim
from torchvision import datasets, transforms


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(3, 6, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
        )
        self.fc = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
        )

    def forward(self, x):
        x = self.conv(x)
        return self.fc(x)


data_transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])
loader = torch.utils.data.DataLoader(
    datasets.CIFAR10("cifar", train=True, download=True, transform=data_transform), batch_size=16, shuffle=True
)
network = SmallCNN()
opt = optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
for images, labels in loader:
    opt.zero_grad()
    nn.functional.cross_entropy(network(images), labels).backward()
    opt.step()
