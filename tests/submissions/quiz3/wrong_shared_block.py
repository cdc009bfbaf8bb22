# expect: shared-layer
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_loader = torch.utils.data.DataLoader(
    dataset=torchvision.datasets.CIFAR10(root='./data', train=True, transform=transform, download=True),
    batch_size=60, shuffle=True, drop_last=True)
test_loader = torch.utils.data.DataLoader(
    dataset=torchvision.datasets.CIFAR10(root='./data', train=False, transform=transform, download=True),
    batch_size=60, shuffle=False)


class ResidualBlock(nn.Module):
    def __init__(self, io_channels, hidden_channels):
        super().__init__()
        self.activation = nn.ReLU()
        self.conv_in = nn.Conv2d(io_channels, hidden_channels, kernel_size=3, padding=1)
        self.conv_out = nn.Conv2d(hidden_channels, io_channels, kernel_size=3, padding=1)

    def forward(self, x):
        h = self.conv_in(x)
        h = self.activation(h)
        h = self.conv_out(h)
        return self.activation(h.add(x))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.activation = nn.ReLU()
        self.convolution = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.residual_block = ResidualBlock(64, 256)
        self.max_pooling = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()
        self.fully_connected_1 = nn.Linear(4096, 120)
        self.fully_connected_2 = nn.Linear(120, 84)
        self.fully_connected_3 = nn.Linear(84, 10)
        self.dropout = nn.Dropout(0.5)  # not used in the end, the handout has none

    def forward(self, x):
        x = self.convolution(x)
        x = self.activation(x)
        x = self.residual_block(x)
        x = self.max_pooling(x)
        x = self.residual_block(x)
        x = self.max_pooling(x)
        x = self.flatten(x)
        x = self.activation(self.fully_connected_1(x))
        x = self.activation(self.fully_connected_2(x))
        x = self.fully_connected_3(x)
        return x

    def predict(self, x):
        return torch.softmax(self(x), dim=1).argmax(dim=1)


network = Network()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)

for epoch in range(3):
    total_loss = 0
    for image, label in train_loader:
        def closure():
            optimizer.zero_grad()
            loss = loss_function(network(image), label)
            loss.backward()
            return loss

        total_loss += optimizer.step(closure).item()
    print('epoch: %d, mean loss: %.4f' % (epoch + 1, total_loss / len(train_loader)))

with torch.no_grad():
    correct = sum((network.predict(image) == label).sum().item() for image, label in test_loader)
print('accuracy on the test data: %.2f%%' % (correct / len(test_loader.dataset) * 100))
