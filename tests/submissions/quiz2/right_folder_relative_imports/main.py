import click_free_cli as cli
import torch
from vgglab import data, models
from vgglab.engine import Engine


def main():
    options = cli.parse()
    device = torch.device("cuda" if torch.cuda.is_available() and not options.cpu else "cpu")
    train, test = data.cifar10(options.batch_size)
    model = models.vgg11()
    engine = Engine(model, torch.nn.CrossEntropyLoss(),
                    torch.optim.SGD(model.parameters(), lr=options.lr, momentum=0.9), device)
    for epoch in range(options.epochs):
        engine.train_one_epoch(train)
        print("epoch", epoch, "test accuracy", round(engine.accuracy(test), 4))


if __name__ == "__main__":
    main()
