import torch.nn as nn
import torch.optim as optim

from data import get_loaders
from evaluate import evaluate
from model import Net
from train import train_one_epoch

EPOCHS = 10


def main():
    trainloader, testloader = get_loaders(batch_size=32)
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(EPOCHS):
        loss = train_one_epoch(net, trainloader, criterion, optimizer)
        print('epoch %d loss %.3f' % (epoch + 1, loss))
    print('test accuracy %.2f %%' % evaluate(net, testloader))


if __name__ == '__main__':
    main()
