# expect: test-with-grad@60 wrong-accuracy@64
"""LeNet for CIFAR-10 as a small class of my own (no nn.Module), the layers kept in a dictionary."""
import torch
from torch import nn, optim
from torchvision import datasets, transforms


class LeNet:
    def __init__(self, classes=10):
        self.layers = {
            "conv1": nn.Conv2d(3, 6, 5),
            "conv2": nn.Conv2d(6, 16, 5),
            "fc1": nn.Linear(16 * 5 * 5, 120),
            "fc2": nn.Linear(120, 84),
            "fc3": nn.Linear(84, classes),
        }
        self.pool = nn.MaxPool2d(2, 2)

    def parameters(self):
        for layer in self.layers.values():
            yield from layer.parameters()

    def __call__(self, images):
        x = self.pool(torch.relu(self.layers["conv1"](images)))
        x = self.pool(torch.relu(self.layers["conv2"](x)))
        x = torch.flatten(x, start_dim=1)
        x = torch.relu(self.layers["fc1"](x))
        x = torch.relu(self.layers["fc2"](x))
        return self.layers["fc3"](x)


def loaders(batch_size=32):
    steps = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
    ])
    made = []
    for train in (True, False):
        data = datasets.CIFAR10(root="./cifar", train=train, download=True, transform=steps)
        made.append(torch.utils.data.DataLoader(data, batch_size=batch_size, shuffle=train, num_workers=2))
    return made


def main():
    train_loader, test_loader = loaders()
    model = LeNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    for epoch in range(3):
        for step, (images, labels) in enumerate(train_loader):
            scores = model(images)
            loss = criterion(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if step % 200 == 0:
                print(f"epoch {epoch} step {step} loss {loss.item():.4f}")
    right = seen = 0
    if True:
        for images, labels in test_loader:
            guess = model(images).argmax(dim=1)
            right += int((guess == labels).sum())
            seen += labels.numel()
    print(f"accuracy on the test set: {100 * right / len(test_loader):.1f} %")


if __name__ == "__main__":
    main()
