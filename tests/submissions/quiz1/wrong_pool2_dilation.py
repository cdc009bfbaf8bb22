# expect: wrong-attribute:pool2.dilation@15
import torch
import torchvision
import torchvision.transforms as transforms


class Quiz1Network(torch.nn.Module):
    def __init__(self):
        super(Quiz1Network, self).__init__()
        self.conv1 = torch.nn.Conv2d(in_channels=3, out_channels=6, kernel_size=(5, 5), stride=(1, 1),
                                     padding=(0, 0), dilation=(1, 1), groups=1, bias=True)
        self.conv2 = torch.nn.Conv2d(in_channels=6, out_channels=16, kernel_size=(5, 5), stride=(1, 1),
                                     padding='valid', dilation=1, groups=1, bias=True)
        self.maxpool1 = torch.nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=0, dilation=1, ceil_mode=True)
        self.maxpool2 = torch.nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2), padding=0, dilation=2, ceil_mode=False)
        self.fc1 = torch.nn.Linear(in_features=256, out_features=120, bias=True)
        self.fc2 = torch.nn.Linear(in_features=120, out_features=84, bias=True)
        self.fc3 = torch.nn.Linear(in_features=84, out_features=10, bias=True)
        self.relu = torch.nn.ReLU(inplace=False)
        for m in self.modules():
            if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear)):
                torch.nn.init.xavier_uniform_(m.weight)
                torch.nn.init.zeros_(m.bias)

    def forward(self, x):
        # x: N x 3 x 32 x 32
        x = self.relu(self.conv1(x))            # N x 6 x 28 x 28
        x = self.maxpool1(x)                    # N x 6 x 14 x 14
        x = self.relu(self.conv2(x))            # N x 16 x 10 x 10
        x = self.maxpool2(x)                    # N x 16 x 4 x 4
        x = torch.nn.Flatten(start_dim=1)(x)    # N x 256
        x = self.relu(self.fc1(x))              # N x 120
        x = self.relu(self.fc2(x))              # N x 84
        return self.fc3(x)                      # N x 10


def train(network, loader, loss_function, optimizer):
    for images, labels in loader:
        optimizer.zero_grad()
        outputs = network(images)
        loss = loss_function(outputs, labels)
        loss.backward()
        optimizer.step()


def test(network, loader):
    correct, total = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            outputs = network(images)
            predicted = torch.argmax(outputs, dim=1)
            correct += torch.eq(predicted, labels).sum().item()
            total += labels.size(dim=0)
    return correct / total


if __name__ == '__main__':
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    train_data = torchvision.datasets.CIFAR10(root='./data', train=True, transform=transform, download=True)
    test_data = torchvision.datasets.CIFAR10(root='./data', train=False, transform=transform, download=True)
    train_loader = torch.utils.data.DataLoader(train_data, batch_size=64, shuffle=True)
    test_loader = torch.utils.data.DataLoader(test_data, batch_size=64, shuffle=False)

    network = Quiz1Network()
    loss_function = torch.nn.CrossEntropyLoss(weight=None, reduction='mean', label_smoothing=0.0)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, dampening=0, weight_decay=0,
                                nesterov=False)
    for epoch in range(1, 11):
        train(network, train_loader, loss_function, optimizer)
        print(f'Epoch {epoch}: accuracy {test(network, test_loader) * 100:.2f} %')
