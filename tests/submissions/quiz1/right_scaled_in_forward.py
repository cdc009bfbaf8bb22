# expect: full
import torch
import torch.nn as nn
import torchvision
from torchvision.transforms import ToTensor


class Net(nn.Module):
    """Takes pictures with values between 0 and 1 and brings them to -1 .. 1 first."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.relu = nn.ReLU()
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, img):
        x = img * 2 - 1
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = self.relu(self.fc1(x.flatten(1)))
        x = self.relu(self.fc2(x))
        return self.fc3(x)


def main(epochs=2):
    train = torchvision.datasets.CIFAR10("./data", train=True, transform=ToTensor(), download=True)
    test = torchvision.datasets.CIFAR10("./data", train=False, transform=ToTensor(), download=True)
    train = torch.utils.data.DataLoader(train, batch_size=4, shuffle=True, num_workers=2)
    test = torch.utils.data.DataLoader(test, batch_size=4, num_workers=2)
    net = Net()
    loss_fn = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(epochs):
        for img, label in train:
            sgd.zero_grad()
            loss = loss_fn(net(img), label)
            loss.backward()
            sgd.step()
        print("epoch %d, loss %.3f" % (epoch, loss.item()))
    with torch.no_grad():
        right = [net(img).argmax(1).eq(label).float().mean().item() for img, label in test]
    print("accuracy: %.3f" % (sum(right) / len(right)))


if __name__ == "__main__":
    main()
