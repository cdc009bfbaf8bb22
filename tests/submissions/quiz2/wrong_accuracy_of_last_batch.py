# expect: wrong-accuracy
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

EPOCHS = 30
BATCH = 128
LR = 0.01

device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

train_tf = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
])
test_tf = transforms.Compose([
    transforms.ToTensor(),
    transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
])


class LeNetLikeVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 64, 3, padding=1)
        self.c2 = nn.Conv2d(64, 128, 3, padding=1)
        self.c3 = nn.Conv2d(128, 256, 3, padding=1)
        self.c4 = nn.Conv2d(256, 256, 3, padding=1)
        self.c5 = nn.Conv2d(256, 512, 3, padding=1)
        self.c6 = nn.Conv2d(512, 512, 3, padding=1)
        self.c7 = nn.Conv2d(512, 512, 3, padding=1)
        self.c8 = nn.Conv2d(512, 512, 3, padding=1)
        self.p = nn.MaxPool2d(2, stride=2)
        self.relu = nn.ReLU()
        self.f = nn.Linear(512, 10)

    def forward(self, x):
        x = self.relu(self.p(self.c1(x)))
        x = self.relu(self.p(self.c2(x)))
        x = self.relu(self.c3(x))
        x = self.relu(self.p(self.c4(x)))
        x = self.relu(self.c5(x))
        x = self.relu(self.p(self.c6(x)))
        x = self.relu(self.c7(x))
        x = self.relu(self.p(self.c8(x)))
        x = x.reshape(-1, 512)
        return self.f(x)


def main():
    train_set = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=train_tf)
    test_set = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=test_tf)
    train_loader = torch.utils.data.DataLoader(train_set, batch_size=BATCH, shuffle=True, num_workers=2)
    test_loader = torch.utils.data.DataLoader(test_set, batch_size=BATCH, shuffle=False, num_workers=2)

    model = LeNetLikeVGG().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=0.9, weight_decay=0)

    for epoch in range(EPOCHS):
        model.train()
        for images, labels in train_loader:
            images, labels = images.to(device), labels.to(device)
            optimizer.zero_grad()
            loss = criterion(model(images), labels)
            loss.backward()
            optimizer.step()
        print('epoch', epoch, 'loss', loss.item())

    model.eval()
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in test_loader:
            images, labels = images.to(device), labels.to(device)
            predicted = model(images).argmax(1)
            total += labels.size(0)
            correct = (predicted == labels).sum().item()
    print('Accuracy on test set: %.2f%%' % (100.0 * correct / total))


if __name__ == '__main__':
    main()
