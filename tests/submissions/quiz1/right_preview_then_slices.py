# expect: full
import torch
import torchvision
import matplotlib.pyplot as plt
from torch import nn
from torchvision import transforms

norm = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
cifar_train = torchvision.datasets.CIFAR10('data', train=True, download=True, transform=norm)
cifar_test = torchvision.datasets.CIFAR10('data', train=False, download=True, transform=norm)

# look at a few pictures first
show = torch.utils.data.DataLoader(cifar_train, batch_size=4, shuffle=True)
pictures, labels = next(iter(show))
plt.imshow(torchvision.utils.make_grid(pictures / 2 + 0.5).permute(1, 2, 0))
plt.show()
print(' '.join(cifar_train.classes[n] for n in labels))


def tensors(dataset):
    data = torch.from_numpy(dataset.data).permute(0, 3, 1, 2)
    return data, torch.tensor(dataset.targets)


train_images, train_labels = tensors(cifar_train)
test_images, test_labels = tensors(cifar_test)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(self.conv1(x).relu())
        x = self.pool(self.conv2(x).relu())
        x = torch.flatten(x, 1)
        return self.fc3(self.fc2(self.fc1(x).relu()).relu())


def scaled(batch):
    return batch.float() / 127.5 - 1


def test(model):
    model.eval()
    right = 0
    with torch.no_grad():
        for at in range(0, len(test_images), 50):
            out = model(scaled(test_images[at:at + 50]))
            right += (out.argmax(1) == test_labels[at:at + 50]).sum().item()
    model.train()
    return 100 * right / len(test_images)


model = CNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
loss_function = nn.CrossEntropyLoss()
print('before training:', test(model), '% accuracy')
for epoch in range(20):
    flip = torch.rand(()) < 0.5
    for at in range(0, len(train_images), 32):
        x = scaled(train_images[at:at + 32])
        if flip:
            x = x.flip(-1)
        optimizer.zero_grad()
        loss = loss_function(model(x), train_labels[at:at + 32])
        loss.backward()
        optimizer.step()
    train_right = 0
    with torch.no_grad():
        for at in range(0, len(train_images), 500):
            train_right += (model(scaled(train_images[at:at + 500])).argmax(1) == train_labels[at:at + 500]).sum().item()
    print('epoch', epoch, 'training accuracy', 100 * train_right / len(train_images), '%')
    print('epoch', epoch, 'test accuracy', test(model), '%')
