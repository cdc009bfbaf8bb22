# expect: full
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import warnings
warnings.filterwarnings("ignore")

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
import torchvision
from torchvision import transforms
from tqdm import trange, tqdm
import wandb
from torchsummary import summary
from torchviz import make_dot

run = wandb.init(project="quiz3", mode="offline")


class RB(nn.Module):
    def __init__(self, n_embd=64, mult=4, verbose=False):
        super().__init__()
        self.c_fc = nn.Conv2d(n_embd, mult * n_embd, 3, padding=1)
        self.c_proj = nn.Conv2d(mult * n_embd, n_embd, 3, padding=1)
        self.verbose = verbose

    def forward(self, x, scale=None, **unused):
        h = self.c_proj(F.relu(self.c_fc(x)))
        if scale is not None:
            h = h * scale
        x = x + h
        if self.verbose:
            print("block", tuple(x.shape), "mean", x.mean().item())
        return F.relu(x)


class ResCNN(nn.Module):
    def __init__(self, config=None):
        super().__init__()
        config = config or {"n_embd": 64, "n_block": 2, "head": (120, 84)}
        self.config = config
        self.wte = nn.Conv2d(3, config["n_embd"], 3, padding=1)
        self.h = nn.ModuleList([RB(config["n_embd"]) for _ in range(config["n_block"])])
        self.head1 = nn.Linear(4096, config["head"][0])
        self.head2 = nn.Linear(config["head"][0], config["head"][1])
        self.lm_head = nn.Linear(config["head"][1], 10)
        self.apply(self._init_weights)
        print("number of parameters: %.2fM" % (self.get_num_params() / 1e6,))

    def get_num_params(self):
        return sum(p.numel() for p in self.parameters())

    def _init_weights(self, module):
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            torch.nn.init.orthogonal_(module.weight)
            torch.nn.init.zeros_(module.bias)

    def forward(self, idx, targets=None, scale=None):
        x = F.relu(self.wte(idx))
        for block in self.h:
            x = F.max_pool2d(block(x, scale), 2)
        x = x.flatten(1)
        x = F.relu(self.head1(x))
        x = F.relu(self.head2(x))
        logits = self.lm_head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits, targets)
        return logits, loss


device = "cuda" if torch.cuda.is_available() else "cpu"
tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010])])
train_loader = DataLoader(torchvision.datasets.CIFAR10("data", True, tf, download=True), batch_size=128, shuffle=True)
test_loader = DataLoader(torchvision.datasets.CIFAR10("data", False, tf, download=True), batch_size=128)
model = ResCNN().to(device)
summary(model, (3, 32, 32))
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=0.001)

for epoch in trange(10):
    model.train()
    pbar = tqdm(enumerate(train_loader), total=len(train_loader))
    for step, (X, Y) in pbar:
        logits, loss = model(X.to(device), Y.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        pbar.set_description(f"loss {loss.item():.4f}")
        wandb.log({"train/loss": loss.item()})
    model.eval()
    correct = 0
    with torch.no_grad():
        for X, Y in test_loader:
            logits, _ = model(X.to(device))
            correct += (logits.argmax(-1) == Y.to(device)).sum().item()
    wandb.log({"val/acc": correct / len(test_loader.dataset)})
    tqdm.write(f"epoch {epoch}: accuracy {correct / len(test_loader.dataset):.4f}")
run.finish()
