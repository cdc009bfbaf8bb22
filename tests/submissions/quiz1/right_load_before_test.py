# expect: full
import torch
import torchvision
import torchvision.transforms as transforms
import torch.nn as nn
import torch.optim as optim

SAVE_EVERY = 2000
PATH = 'weights/cnn_cifar.pt'


def data(train):
    t = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)])
    ds = torchvision.datasets.CIFAR10(root='~/datasets', train=train, download=True, transform=t)
    return torch.utils.data.DataLoader(ds, batch_size=4, shuffle=train)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(2)
        self.conv_a = nn.Conv2d(3, 6, 5)
        self.conv_b = nn.Conv2d(6, 16, 5)
        self.linear_a = nn.Linear(400, 120)
        self.linear_b = nn.Linear(120, 84)
        self.linear_c = nn.Linear(84, 10)

    def features(self, x):
        for conv in self.conv_a, self.conv_b:
            x = self.maxpool(self.relu(conv(x)))
        return x

    def forward(self, x):
        x = torch.reshape(self.features(x), (-1, 400))
        x = self.relu(self.linear_a(x))
        x = self.relu(self.linear_b(x))
        return self.linear_c(x)


def train_model(model, loader):
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    counter = 0
    for epoch in range(2):
        for inputs, labels in loader:
            optimizer.zero_grad()
            criterion(model(inputs), labels).backward()
            optimizer.step()
            counter += 1
            if counter % SAVE_EVERY == 0:
                torch.save(model.state_dict(), PATH)


def test_model(model, loader):
    model.load_state_dict(torch.load(PATH))
    model.eval()
    good = bad = 0
    with torch.no_grad():
        for inputs, labels in loader:
            same = model(inputs).argmax(dim=-1) == labels
            good += int(same.sum())
            bad += int((~same).sum())
    print('good', good, 'bad', bad, 'accuracy', good / (good + bad))


model = Cnn()
train_model(model, data(True))
test_model(model, data(False))
