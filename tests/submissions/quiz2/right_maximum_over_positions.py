# expect: full
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.optim.lr_scheduler import StepLR      # tried it, not used now

hyper = {
    'batch_size': 128,
    'test_batch_size': 1000,
    'epochs': 14,
    'lr': 0.01,
    'momentum': 0.9,
    'log_interval': 10,
    'dry_run': False,
}


class Vgg11(nn.Sequential):
    """the whole network is one Sequential with a function at the end"""

    def __init__(self, num_classes=10):
        super().__init__()
        channels = 3
        for stage, (n, width) in enumerate([(1, 64), (1, 128), (2, 256), (2, 512), (2, 512)], 1):
            for k in range(1, n + 1):
                self.add_module(f'conv{stage}_{k}', nn.Conv2d(channels, width, 3, padding=1))
                self.add_module(f'relu{stage}_{k}', nn.ReLU(inplace=True))
                channels = width
            if stage < 5:
                self.add_module(f'pool{stage}', nn.MaxPool2d(2, 2, ceil_mode=True))
        self.add_module('fc', nn.Linear(channels, num_classes))

    def forward(self, x):
        for name, module in self._modules.items():
            if name == 'fc':
                x, _ = x.view(x.size(0), x.size(1), -1).max(dim=-1)
            x = module(x)
        return x


def train(model, device, loader, optimizer, epoch):
    model.train()
    for batch_idx, (data, target) in enumerate(loader):
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        output = model(data)
        loss = nn.functional.cross_entropy(output, target)
        loss.backward()
        optimizer.step()
        if batch_idx % hyper['log_interval'] == 0:
            print('Train Epoch: {} [{}/{} ({:.0f}%)]\tLoss: {:.6f}'.format(
                epoch, batch_idx * len(data), len(loader.dataset), 100. * batch_idx / len(loader), loss.item()))
            if hyper['dry_run']:
                break


def test(model, device, loader):
    model.eval()
    loss = 0
    correct = 0
    with torch.no_grad():
        for data, target in loader:
            data, target = data.to(device), target.to(device)
            output = model(data)
            loss += nn.functional.cross_entropy(output, target, reduction='sum').item()
            correct += output.argmax(dim=1, keepdim=True).eq(target.view(-1, 1)).sum().item()
    n = len(loader.dataset)
    print('\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.2f}%)\n'.format(loss / n, correct, n, 100. * correct / n))


def main():
    torch.manual_seed(1)
    cuda = torch.cuda.is_available()
    device = torch.device('cuda' if cuda else 'cpu')
    extra = {'num_workers': 1, 'pin_memory': True} if cuda else {}
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
    a = torchvision.datasets.CIFAR10('../data', train=True, download=True, transform=tf)
    b = torchvision.datasets.CIFAR10('../data', train=False, transform=tf)
    train_loader = torch.utils.data.DataLoader(a, batch_size=hyper['batch_size'], shuffle=True, **extra)
    test_loader = torch.utils.data.DataLoader(b, batch_size=hyper['test_batch_size'], **extra)
    model = Vgg11().to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=hyper['lr'], momentum=hyper['momentum'])
    for epoch in range(1, hyper['epochs'] + 1):
        train(model, device, train_loader, optimizer, epoch)
        test(model, device, test_loader)


if __name__ == '__main__':
    main()
