import torchvision
import torchvision.transforms as transforms
from torch.utils.data import DataLoader

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


def make_loader(train, batch_size):
    steps = [transforms.RandomHorizontalFlip()] if train else []
    steps += [transforms.ToTensor(), transforms.Normalize(MEAN, STD)]
    dataset = torchvision.datasets.CIFAR10("./data", train=train, download=True,
                                           transform=transforms.Compose(steps))
    return DataLoader(dataset, batch_size=batch_size, shuffle=train)
