import torch


def evaluate(net, loader):
    net.eval()
    correct = 0
    total = 0
    for images, labels in loader:
        outputs = net(images)
        predicted = torch.argmax(outputs, dim=1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    return 100.0 * correct / total
