# expect: full
# -*- coding: utf-8 -*-
"""
Created on Fri May 12 10:21:44 2023

@author: user
"""
#%% imports
import torch
import torch.nn as nn
import torch.optim as optim
import torchvision
from torchvision import transforms
import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
try:
    get_ipython().run_line_magic('matplotlib', 'inline')
except AttributeError:
    pass
plt.close('all')
#%% parameters
lr=0.001
n_epochs=10
bs=64
dev=torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')
#%% data
tf=transforms.Compose([transforms.ToTensor(),
                       transforms.Normalize((0.5,0.5,0.5),(0.5,0.5,0.5))])
tr=torchvision.datasets.CIFAR10('C:/data/cifar',train=True,download=True,transform=tf)
te=torchvision.datasets.CIFAR10('C:/data/cifar',train=False,download=True,transform=tf)
trl=torch.utils.data.DataLoader(tr,batch_size=bs,shuffle=True,num_workers=0)
tel=torch.utils.data.DataLoader(te,batch_size=bs,shuffle=False,num_workers=0)
#%% show a few
x,y=next(iter(trl))
plt.figure()
plt.imshow(np.transpose(torchvision.utils.make_grid(x[:16]/2+0.5).numpy(),(1,2,0)))
plt.title(' '.join(tr.classes[i] for i in y[:16]))
plt.show()
#%% model
class resblock(nn.Module):
    def __init__(self,cin=64,chid=256,cout=64):
        super().__init__()
        self.conv1=nn.Conv2d(cin,chid,3,1,1)
        self.conv2=nn.Conv2d(chid,cout,3,1,1)
        self.act=nn.ReLU()
    def forward(self,x):
        return self.act(self.conv2(self.act(self.conv1(x)))+x)
class net(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(3,64,3,1,1),nn.ReLU(),
            resblock(),nn.MaxPool2d(2,2),
            resblock(),nn.MaxPool2d(2,2))
        self.fc=nn.Sequential(nn.Linear(4096,120),nn.ReLU(),nn.Linear(120,84),nn.ReLU(),nn.Linear(84,10))
    def forward(self,x):
        for k,m in self.named_children():
            if k=='fc':
                x=x.view(x.shape[0],-1)
            x=m(x)
        return x
model=net().to(dev)
print(model)
#%% train
crit=nn.CrossEntropyLoss()
opt=optim.Adam(model.parameters(),lr=lr)
tic=[]
for ep in range(n_epochs):
    for i,(x,y) in enumerate(trl):
        x=x.to(dev); y=y.to(dev)
        opt.zero_grad()
        out=model(x)
        l=crit(out,y)
        l.backward()
        opt.step()
        tic.append(l.item())
        if i%100==0: print('ep %d it %d loss %.3f'%(ep,i,np.mean(tic[-100:])))
#%% plot
plt.figure(); plt.plot(tic); plt.xlabel('iteration'); plt.ylabel('loss'); plt.grid(); plt.show()
#%% test
model.eval()
ok=np.zeros(10); n=np.zeros(10)
with torch.no_grad():
    for x,y in tel:
        p=model(x.to(dev)).argmax(1).cpu().numpy()
        for a,b in zip(p,y.numpy()):
            n[b]+=1
            ok[b]+=a==b
for c in range(10):
    print('%10s %5.1f %%'%(te.classes[c],100*ok[c]/n[c]))
print('overall accuracy: %.2f %%'%(100*ok.sum()/n.sum()))
