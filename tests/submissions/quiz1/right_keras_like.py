# expect: full
import collections
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
import torchvision.transforms as transforms


def build_model():
    model = nn.Sequential(collections.OrderedDict([
        ('conv1', nn.Conv2d(3, 6, 5)),
        ('pool1', nn.MaxPool2d(2, 2)),
        ('relu1', nn.ReLU()),
        ('conv2', nn.Conv2d(6, 16, 5)),
        ('pool2', nn.MaxPool2d(2, 2)),
        ('relu2', nn.ReLU()),
        ('flatten', nn.Flatten()),
        ('fc1', nn.Linear(400, 120)),
        ('relu3', nn.ReLU()),
        ('fc2', nn.Linear(120, 84)),
        ('relu4', nn.ReLU()),
        ('fc3', nn.Linear(84, 10)),
    ]))
    return model


def load(batch):
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    train = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
    test = torchvision.datasets.CIFAR10('./data', train=False, download=True, transform=transform)
    return (torch.utils.data.DataLoader(train, batch_size=batch, shuffle=True),
            torch.utils.data.DataLoader(test, batch_size=batch, shuffle=False))


def train_model(model, loader, criterion, optimizer, num_epochs):
    for epoch in range(num_epochs):
        running_corrects = 0
        seen = 0
        for inputs, labels in loader:
            optimizer.zero_grad()
            with torch.set_grad_enabled(True):
                outputs = model(inputs)
                _, preds = torch.max(outputs, 1)
                loss = criterion(outputs, labels)
                loss.backward()
                optimizer.step()
            running_corrects += torch.sum(preds == labels.data).item()
            seen += inputs.size(0)
        print('epoch {}/{} loss {:.4f} train accuracy {:.4f}'.format(
            epoch + 1, num_epochs, loss.item(), running_corrects / seen))
    return model


def test_model(model, loader):
    was_training = model.training
    model.eval()
    corrects = 0
    seen = 0
    with torch.set_grad_enabled(False):
        for inputs, labels in loader:
            _, preds = torch.max(model(inputs), 1)
            corrects += torch.sum(preds == labels.data).item()
            seen += inputs.size(0)
    model.train(mode=was_training)
    print('test accuracy {:.4f}'.format(corrects / seen))


def main():
    trainloader, testloader = load(32)
    model = build_model()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
    train_model(model, trainloader, criterion, optimizer, 25)
    test_model(model, testloader)


main()
