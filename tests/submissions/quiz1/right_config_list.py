# expect: full
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms

cfg = {
    'LeNet': [6, 'M', 16, 'M'],
}


def make_layers(cfg, in_channels=3):
    layers = []
    for v in cfg:
        if v == 'M':
            layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
        else:
            layers += [nn.Conv2d(in_channels, v, kernel_size=5), nn.ReLU(inplace=True)]
            in_channels = v
    return nn.Sequential(*layers)


class ConvNet(nn.Module):
    def __init__(self, features, num_classes):
        super(ConvNet, self).__init__()
        self.features = features
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)
        self.relu = nn.ReLU()

    def forward(self, x):
        out = self.features(x)
        out = out.reshape(out.shape[0], -1)
        out = self.relu(self.fc1(out))
        out = self.relu(self.fc2(out))
        return self.fc3(out)


def lenet():
    return ConvNet(make_layers(cfg['LeNet']), num_classes=10)


def main():
    batch_size = 20
    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    ])
    trainset = torchvision.datasets.CIFAR10(root='./data', train=True, download=True, transform=transform)
    train_loader = torch.utils.data.DataLoader(trainset, batch_size=batch_size, shuffle=True)
    testset = torchvision.datasets.CIFAR10(root='./data', train=False, download=True, transform=transform)
    test_loader = torch.utils.data.DataLoader(testset, batch_size=batch_size, shuffle=False)

    model = lenet()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)

    for epoch in range(20):
        model.train()
        running = 0.0
        for i, (images, labels) in enumerate(train_loader, 1):
            optimizer.zero_grad()
            scores = model(images)
            loss = criterion(scores, labels)
            loss.backward()
            optimizer.step()
            running += loss.item()
            if i % 500 == 0:
                print('epoch', epoch + 1, 'batch', i, 'loss', running / 500)
                running = 0.0

    model.eval()
    right = 0
    with torch.no_grad():
        for images, labels in test_loader:
            _, guess = torch.max(model(images), dim=1)
            right += torch.sum(guess == labels).item()
    print('Test Accuracy: {:.2f} %'.format(right / len(testset) * 100))


if __name__ == '__main__':
    main()
