# expect: full
import torch
import torchvision
from fastprogress.fastprogress import master_bar, progress_bar
from prefetch_generator import BackgroundGenerator
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import transforms


class DataLoaderX(DataLoader):
    """loads ahead in a thread"""

    def __iter__(self):
        return BackgroundGenerator(super().__iter__())


def conv_relu(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU())


model = nn.Sequential(
    conv_relu(3, 64), nn.MaxPool2d(2), conv_relu(64, 128), nn.MaxPool2d(2),
    conv_relu(128, 256), conv_relu(256, 256), nn.MaxPool2d(2),
    conv_relu(256, 512), conv_relu(512, 512), nn.MaxPool2d(2),
    conv_relu(512, 512), conv_relu(512, 512), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train_dl = DataLoaderX(torchvision.datasets.CIFAR10('data', True, tf, download=True), batch_size=64, shuffle=True)
test_dl = DataLoaderX(torchvision.datasets.CIFAR10('data', False, tf, download=True), batch_size=64)
loss_fn, opt = nn.CrossEntropyLoss(), optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

mb = master_bar(range(10))
mb.names = ['loss']
for epoch in mb:
    model.train()
    for x, y in progress_bar(train_dl, parent=mb):
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
        mb.child.comment = f'loss {loss.item():.3f}'
    model.eval()
    with torch.no_grad():
        ok = sum((model(x).argmax(1) == y).sum().item() for x, y in progress_bar(test_dl, parent=mb))
    mb.write(f'epoch {epoch}: loss {loss.item():.3f} accuracy {ok / len(test_dl.dataset):.4f}')
