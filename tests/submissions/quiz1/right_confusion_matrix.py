# expect: full
import pandas as pd
import seaborn as sns
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from matplotlib import pyplot as plt
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix
from torchsummary import summary
from tqdm.auto import tqdm

klassen = ['Flugzeug', 'Auto', 'Vogel', 'Katze', 'Hirsch', 'Hund', 'Frosch', 'Pferd', 'Schiff', 'LKW']
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((.5,) * 3, (.5,) * 3)])
trainset = torchvision.datasets.CIFAR10('daten', train=True, download=True, transform=transform)
testset = torchvision.datasets.CIFAR10('daten', train=False, download=True, transform=transform)
trainloader = torch.utils.data.DataLoader(trainset, batch_size=16, shuffle=True)
testloader = torch.utils.data.DataLoader(testset, batch_size=16, shuffle=False)
sns.set_theme()
sns.countplot(x=[klassen[t] for t in trainset.targets])
plt.show()


class Netz(nn.Module):
    def __init__(self):
        super(Netz, self).__init__()
        self.faltung1 = nn.Conv2d(3, 6, 5)
        self.faltung2 = nn.Conv2d(6, 16, 5)
        self.voll1 = nn.Linear(400, 120)
        self.voll2 = nn.Linear(120, 84)
        self.voll3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.faltung1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.faltung2(x)), 2)
        x = torch.flatten(x, start_dim=1)
        x = torch.relu(self.voll1(x))
        x = torch.relu(self.voll2(x))
        return self.voll3(x)


netz = Netz()
summary(netz, (3, 32, 32))
verlust = nn.CrossEntropyLoss()
optimierer = torch.optim.SGD(netz.parameters(), lr=0.001, momentum=0.9)
verlauf = {'verlust': [], 'genauigkeit': []}

for epoche in tqdm(range(5), desc='Training'):
    summe, richtig, anzahl = 0.0, 0, 0
    for bilder, ziele in trainloader:
        optimierer.zero_grad()
        ausgabe = netz(bilder)
        fehler = verlust(ausgabe, ziele)
        fehler.backward()
        optimierer.step()
        summe += fehler.item() * bilder.size(0)
        richtig += (ausgabe.argmax(1) == ziele).sum().item()
        anzahl += bilder.size(0)
    verlauf['verlust'].append(summe / anzahl)
    verlauf['genauigkeit'].append(richtig / anzahl)

pd.DataFrame(verlauf).plot(subplots=True)
plt.savefig('verlauf.png')

netz.eval()
alle, vorhergesagt = [], []
with torch.no_grad():
    for bilder, ziele in testloader:
        vorhergesagt += netz(bilder).argmax(1).tolist()
        alle += ziele.tolist()
treffer = sum(a == b for a, b in zip(alle, vorhergesagt))
print('Genauigkeit: %.2f %%' % (100 * treffer / len(alle)))
print(classification_report(alle, vorhergesagt, target_names=klassen))
matrix = confusion_matrix(alle, vorhergesagt)
sns.heatmap(pd.DataFrame(matrix, klassen, klassen), annot=True)
plt.show()
