# expect: tested-on-train
# Colab: !wget https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz && !tar xzf cifar-10-python.tar.gz
import glob, pickle
from pathlib import Path
import numpy as np
import torch
from PIL import Image
from torch import nn, optim
from torch.utils.data import Dataset, DataLoader
from torchvision import transforms

DIR = Path('/content/cifar-10-batches-py')
assert DIR.exists(), 'download first'


class Cifar(Dataset):
    def __init__(self, pattern, transform):
        self.transform = transform
        files = sorted(glob.glob(str(DIR / pattern)))
        assert files, pattern
        data, labels = [], []
        for f in files:
            d = pickle.load(open(f, 'rb'), encoding='latin1')
            data.append(d['data'])
            labels.extend(d['labels'])
        self.images = np.vstack(data).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        self.labels = labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, idx):
        return {'image': self.transform(Image.fromarray(self.images[idx])), 'label': self.labels[idx]}


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize([.5, .5, .5], [.5, .5, .5])])
train_dl = DataLoader(Cifar('data_batch_*', tf), batch_size=32, shuffle=True, num_workers=2)
test_dl = DataLoader(Cifar('data_batch_5', tf), batch_size=32)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
                                      nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


model = CNN()
loss_fn = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), 0.001, 0.9)
for epoch in range(4):
    for batch in train_dl:
        optimizer.zero_grad()
        loss = loss_fn(model(batch['image']), batch['label'])
        loss.backward()
        optimizer.step()
    print('epoch', epoch, 'loss', loss.item())

model.eval()
right, seen = 0, 0
with torch.no_grad():
    for batch in test_dl:
        right += (model(batch['image']).max(1)[1] == batch['label']).sum().item()
        seen += len(batch['label'])
print('acc = {:.3f}'.format(right / seen))
