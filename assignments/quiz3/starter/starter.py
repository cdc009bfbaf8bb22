"""Quiz 3: a CNN with residual blocks on CIFAR-10.

Fill each gap marked `# your ... here` and delete its `raise` line. handout.md says what every layer must be.
`grade quiz3 starter.py` tells what is still missing.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_data(batch_size=64):
    """The training set and the test set, every channel mapped from [0, 1] to [-1, 1]. Complete: nothing to do."""
    normalise = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))]
    )
    train_set = datasets.CIFAR10("data", train=True, download=True, transform=normalise)
    test_set = datasets.CIFAR10("data", train=False, download=True, transform=normalise)
    return DataLoader(train_set, batch_size=batch_size, shuffle=True), DataLoader(test_set, batch_size=batch_size)


class Block(nn.Module):
    """A residual block: two convolutions, and the input added to what they make of it."""

    def __init__(self, channels, hidden):
        super().__init__()
        # your layers of the block here (kernel 3, padding 1):
        #   convolution channels -> hidden
        #   convolution hidden -> channels
        raise NotImplementedError("the layers of the block")

    def forward(self, x):
        # your forward pass of the block here:
        #   first convolution, ReLU, second convolution, plus x, ReLU
        raise NotImplementedError("the forward pass of the block")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # your layers here, in the order of the handout's table:
        #   convolution 3 -> 64, kernel 3, padding 1
        #   residual block of 64 channels, 256 hidden, then max-pool of size 2 and stride 2
        #   a second such block, then max-pool of size 2 and stride 2
        #   fully connected 4096 -> 120, 120 -> 84, 84 -> 10
        raise NotImplementedError("the layers")

    def forward(self, x):
        # your forward pass here: from x (batch x 3 x 32 x 32) to 10 class scores for each image
        #   a ReLU after the first convolution and after the first two fully connected layers
        #   flatten 64 x 8 x 8 to 4096 before the first fully connected layer
        #   no softmax at the end: the loss brings its own
        raise NotImplementedError("the forward pass")


def make_loss():
    # your loss here: return torch's cross-entropy loss
    raise NotImplementedError("the loss")


def make_optimizer(network):
    # your optimizer here: return Adam with learning rate 0.001, over all of network.parameters()
    raise NotImplementedError("the optimizer")


def train(network, loader, optimizer, loss_function, epochs):
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for images, labels in loader:
            images, labels = images.to(DEVICE), labels.to(DEVICE)
            # your training step here, in this order:
            #   set the gradients of the last step to zero
            #   compute the class scores of the images
            #   compute the loss of the scores and the labels: `loss`
            #   compute the gradients of the loss
            #   let the optimizer take its step
            #   add loss.item() to `total`, so that the line below can print the mean
            raise NotImplementedError("the training step")
        print(f"epoch {epoch + 1}: mean training loss {total / len(loader):.3f}")


def test(network, loader):
    """The fraction of the loader's images that the network classifies correctly."""
    network.eval()
    correct, seen = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(DEVICE), labels.to(DEVICE)
            # your test here:
            #   compute the class scores of the images; the predicted class is the one with the highest score
            #   add to `correct` how many predictions equal their label, and to `seen` how many images there were
            raise NotImplementedError("the test")
    return correct / seen


def main():
    train_loader, test_loader = load_data()
    network = Net().to(DEVICE)
    train(network, train_loader, make_optimizer(network), make_loss(), epochs=10)
    print(f"accuracy on the test set: {100 * test(network, test_loader):.2f} %")


if __name__ == "__main__":
    main()
