# expect: full
# 모든 테스트 그림을 한 번에 넣는다 (메모리 충분)
import torch
import torchvision
import torchvision.transforms as transforms
from torch import nn

transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_set = torchvision.datasets.CIFAR10('./data', train=True, download=True, transform=transform)
val_set = torchvision.datasets.CIFAR10('./data', train=False, download=False, transform=transform)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=36, shuffle=True, num_workers=0)
val_loader = torch.utils.data.DataLoader(val_set, batch_size=10000, shuffle=False, num_workers=0)
val_data_iter = iter(val_loader)
val_image, val_label = next(val_data_iter)


class Res(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x):
        y = self.relu(self.conv1(x))
        y = self.conv2(y)
        return self.relu(x + y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.res1, self.res2 = Res(), Res()
        self.pool, self.relu = nn.MaxPool2d(2, 2), nn.ReLU()
        self.fc1, self.fc2, self.fc3 = nn.Linear(64 * 8 * 8, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.relu(self.conv1(x))        # (64, 32, 32)
        x = self.pool(self.res1(x))         # (64, 16, 16)
        x = self.pool(self.res2(x))         # (64, 8, 8)
        x = x.view(-1, 64 * 8 * 8)
        x = self.relu(self.fc1(x))
        x = self.relu(self.fc2(x))
        return self.fc3(x)


net = Net()
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(5):
    running_loss = 0.0
    for step, data in enumerate(train_loader, start=0):
        inputs, labels = data
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = loss_function(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
        if step % 500 == 499:
            with torch.no_grad():
                outputs = net(val_image)
                predict_y = torch.max(outputs, dim=1)[1]
                accuracy = torch.eq(predict_y, val_label).sum().item() / val_label.size(0)
                print('[%d, %5d] train_loss: %.3f  test_accuracy: %.3f' % (epoch + 1, step + 1, running_loss / 500, accuracy))
                running_loss = 0.0

print('Finished Training')
net.eval()
with torch.no_grad():
    predict_y = torch.max(net(val_image), dim=1)[1]
    accuracy = torch.eq(predict_y, val_label).sum().item() / val_label.size(0)
print('test accuracy: %.3f' % accuracy)
torch.save(net.state_dict(), './Lenet.pth')
