# expect: double-step
if __name__ == '__main__':
    import torch
    import torch.nn as nn
    import torchvision
    import torchvision.transforms as transforms
    from torch.utils.data import DataLoader

    device = 'cuda' if torch.cuda.is_available() else 'cpu'

    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.49139968, 0.48215841, 0.44653091), (0.24703223, 0.24348513, 0.26158784))
    ])
    cifar_train = torchvision.datasets.CIFAR10(root='CIFAR10/', train=True, transform=transform, download=True)
    cifar_test = torchvision.datasets.CIFAR10(root='CIFAR10/', train=False, transform=transform, download=True)
    train_loader = DataLoader(cifar_train, batch_size=100, shuffle=True, drop_last=True)
    test_loader = DataLoader(cifar_test, batch_size=100, shuffle=False)

    class VGG(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer1 = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            self.layer2 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            self.layer3 = nn.Sequential(nn.Conv2d(128, 256, 3, padding=1), nn.ReLU())
            self.layer4 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            self.layer5 = nn.Sequential(nn.Conv2d(256, 512, 3, padding=1), nn.ReLU())
            self.layer6 = nn.Sequential(nn.Conv2d(512, 512, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            self.layer7 = nn.Sequential(nn.Conv2d(512, 512, 3, padding=1), nn.ReLU())
            self.layer8 = nn.Sequential(nn.Conv2d(512, 512, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
            self.fc = nn.Linear(512, 10, bias=True)

        def forward(self, x):
            out = self.layer1(x)
            out = self.layer2(out)
            out = self.layer3(out)
            out = self.layer4(out)
            out = self.layer5(out)
            out = self.layer6(out)
            out = self.layer7(out)
            out = self.layer8(out)
            out = out.view(out.size(0), -1)
            return self.fc(out)

    net = VGG().to(device)
    criterion = nn.CrossEntropyLoss().to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

    total_batch = len(train_loader)
    for epoch in range(100):
        avg_cost = 0
        for X, Y in train_loader:
            X = X.to(device)
            Y = Y.to(device)
            optimizer.zero_grad()
            hypothesis = net(X)
            cost = criterion(hypothesis, Y)
            cost.backward()
            optimizer.step()
            optimizer.step()
            avg_cost += cost.item() / total_batch
        print('[Epoch: {:>4}] cost = {:>.9}'.format(epoch + 1, avg_cost))

    correct = 0
    with torch.no_grad():
        for X, Y in test_loader:
            prediction = net(X.to(device))
            correct += (torch.argmax(prediction, 1) == Y.to(device)).sum().item()
    print('Accuracy:', correct / len(cifar_test))
