# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms

t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,0.5,0.5),(0.5,0.5,0.5))])
train_data = torchvision.datasets.CIFAR10("data", train=True, transform=t, download=True)
test_data = torchvision.datasets.CIFAR10("data", train=False, transform=t, download=True)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_a = nn.Conv2d(3, 6, 5)
        self.conv_b = nn.Conv2d(6, 16, 5)
        self.lin_a = nn.Linear(400, 120)
        self.lin_b = nn.Linear(120, 84)
        self.lin_c = nn.Linear(84, 10)
    def forward(self, img):
        img = F.max_pool2d(torch.relu(self.conv_a(img)), (2, 2))
        img = F.max_pool2d(torch.relu(self.conv_b(img)), (2, 2))
        img = img.flatten(start_dim=1)
        img = torch.relu(self.lin_a(img))
        img = torch.relu(self.lin_b(img))
        return self.lin_c(img)

def get_batch(data, begin, size):
    pictures, numbers = [], []
    for k in range(begin, begin + size):
        p, n = data[k]
        pictures.append(p)
        numbers.append(n)
    return torch.stack(pictures), torch.tensor(numbers)

def train_one_batch(model, opt, pictures, numbers):
    opt.zero_grad()
    loss = F.cross_entropy(model(pictures), numbers)
    loss.backward()
    opt.step()
    return loss.item()

model = Model()
opt = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9)
for ep in range(2):
    for start in range(0, 50000, 4):
        pictures, numbers = get_batch(train_data, start, 4)
        err = train_one_batch(model, opt, pictures, numbers)
        if start % 8000 == 0:
            print(ep, start, err)

model.eval()
good = 0
with torch.no_grad():
    for start in range(0, 10000, 100):
        pictures, numbers = get_batch(test_data, start, 100)
        good += (model(pictures).argmax(1) == numbers).sum().item()
print("correct %.2f percent" % (good * 100 / 10000))
