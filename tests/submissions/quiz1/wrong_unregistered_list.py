# expect: unregistered-layer:fc1@15
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


class MyNet(nn.Module):
    def __init__(self):
        super().__init__()
        channels = [3, 6, 16]
        units = [16 * 5 * 5, 120, 84, 10]
        self.convs = nn.ModuleList(nn.Conv2d(i, o, 5) for i, o in zip(channels, channels[1:]))
        self.fcs = [nn.Linear(i, o) for i, o in zip(units, units[1:])]

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = x.flatten(start_dim=1)
        for fc in self.fcs[:-1]:
            x = F.relu(fc(x))
        return self.fcs[-1](x)


def loader(train):
    norm = transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    data = torchvision.datasets.CIFAR10('./cifar', train=train, download=True,
                                        transform=transforms.Compose([transforms.ToTensor(), norm]))
    return torch.utils.data.DataLoader(data, batch_size=8, shuffle=train)


if __name__ == '__main__':
    torch.manual_seed(0)
    net = MyNet()
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(list(net.parameters()), lr=1e-3, momentum=0.9)

    for epoch in range(4):
        total_loss = 0
        for images, labels in loader(True):
            net.zero_grad()
            loss = loss_function(net(images), labels)
            loss.backward()
            optimizer.step()
            total_loss += float(loss)
        print(f'epoch {epoch}: {total_loss:.2f}')

    hits, seen = 0, 0
    with torch.no_grad():
        for images, labels in loader(False):
            hits += int((net(images).argmax(-1) == labels).sum())
            seen += len(labels)
    print(f'accuracy on the test set: {hits / seen:.4f}')
