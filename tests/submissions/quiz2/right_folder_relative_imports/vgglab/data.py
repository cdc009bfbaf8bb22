from torch.utils.data import DataLoader
from torchvision import datasets, transforms

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def cifar10(batch_size, root="./data"):
    normalise = [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    augment = [transforms.RandomHorizontalFlip()]
    train = datasets.CIFAR10(root, train=True, download=True, transform=transforms.Compose(augment + normalise))
    test = datasets.CIFAR10(root, train=False, download=True, transform=transforms.Compose(normalise))
    return DataLoader(train, batch_size, shuffle=True, num_workers=2), DataLoader(test, batch_size, num_workers=2)
