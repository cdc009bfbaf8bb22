# expect: wrong-accuracy
import torch
from torch import nn
from torch.optim import SGD
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import v2


def block(cin, cout, pool):
    layers = [nn.Conv2d(cin, cout, kernel_size=3, stride=1, padding=1), nn.ReLU()]
    if pool:
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            block(3, 64, pool=True),
            block(64, 128, pool=True),
            block(128, 256, pool=False),
            block(256, 256, pool=True),
            block(256, 512, pool=False),
            block(512, 512, pool=True),
            block(512, 512, pool=False),
            block(512, 512, pool=True),
        )
        self.fc = nn.Linear(512, 10)

    def forward(self, images):
        features = self.features(images)
        return self.fc(features.flatten(start_dim=1))


to_input = v2.Compose([
    v2.ToImage(),
    v2.ToDtype(torch.float32, scale=True),
    v2.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
])


def main():
    train_loader = DataLoader(CIFAR10("data", train=True, download=True, transform=to_input), 64, True)
    test_loader = DataLoader(CIFAR10("data", train=False, download=True, transform=to_input), 10, False)
    model = Network()
    loss_function = nn.CrossEntropyLoss(reduction="mean")
    optimizer = SGD(params=model.parameters(), lr=0.01, momentum=0.9, nesterov=False)

    for epoch in range(2):
        for images, labels in train_loader:

            def closure():
                optimizer.zero_grad()
                loss = loss_function(model(images), labels)
                loss.backward()
                return loss

            loss = optimizer.step(closure)
        print(f"Epoch {epoch + 1}: loss of the last batch {loss.item():.3f}")

    correct = 0
    with torch.no_grad():
        for images, labels in test_loader:
            correct += (model(images).argmax(dim=0) == labels).sum().item()
    print(f"Test accuracy: {correct / 10000:.4f}")


if __name__ == "__main__":
    main()
