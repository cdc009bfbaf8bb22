# expect: status=forward-error @31 missing-layer:pool4
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms


def conv_relu(i, o):
    return nn.Sequential(nn.Conv2d(i, o, kernel_size=3, padding=1), nn.ReLU(inplace=True))


class VGG11(nn.Module):
    def __init__(self, n_classes=10):
        super().__init__()
        self.block1 = nn.Sequential(conv_relu(3, 64), nn.MaxPool2d(2, 2))
        self.block2 = nn.Sequential(conv_relu(64, 128), nn.MaxPool2d(2, 2))
        self.block3 = nn.Sequential(conv_relu(128, 256), conv_relu(256, 256), nn.MaxPool2d(2, 2))
        self.block4 = nn.Sequential(conv_relu(256, 512), conv_relu(512, 512))
        self.block5 = nn.Sequential(conv_relu(512, 512), conv_relu(512, 512), nn.MaxPool2d(2, 2))
        self.classifier = nn.Linear(512, n_classes)

    def forward(self, x):
        x = self.block1(x)
        x = self.block2(x)
        x = self.block3(x)
        x = self.block4(x)
        x = self.block5(x)
        # 32 -> 16 -> 8 -> 4 -> 2 -> 1
        x = x.view(x.size(0), -1)
        print(x.shape)
        return self.classifier(x)


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
trainset = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=32, shuffle=True)
vgg = VGG11()
optimizer = torch.optim.SGD(vgg.parameters(), lr=0.01, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    for x, y in trainloader:
        optimizer.zero_grad()
        criterion(vgg(x), y).backward()
        optimizer.step()
