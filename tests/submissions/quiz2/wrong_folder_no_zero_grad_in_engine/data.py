import torchvision
import torchvision.transforms as T
from torch.utils.data import DataLoader

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)


def get_loaders(batch_size):
    tf = T.Compose([T.ToTensor(), T.Normalize(MEAN, STD)])
    train = torchvision.datasets.CIFAR10(root="data", train=True, download=True, transform=tf)
    test = torchvision.datasets.CIFAR10(root="data", train=False, download=True, transform=tf)
    return (DataLoader(train, batch_size=batch_size, shuffle=True, num_workers=4),
            DataLoader(test, batch_size=batch_size, shuffle=False, num_workers=4))
