from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from .settings import BATCH, MEAN, ROOT, STD


def loaders():
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize(MEAN, STD)])
    return tuple(
        DataLoader(datasets.CIFAR10(ROOT, train=train, download=True, transform=tf), BATCH, shuffle=train)
        for train in (True, False)
    )
