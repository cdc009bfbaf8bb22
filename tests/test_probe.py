"""What the probe sees of small programs, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import programs
import pytest
from programs import DATA, NETWORK, RIGHT, TEST, TRAIN, line_of, notebook, run, submission

from grader import evidence
from grader.isolate import process
from grader.pipeline import BATCH_CAP, TEST_IMAGES
from grader.records import Evidence, SourceFile, Where

STEPS = 4


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with programs.course_data() as folder:
        yield folder


def line(number: int) -> Where:
    return Where(file="net.py", line=number)


def steps(found: Evidence) -> int:
    return len(found.training.steps) if found.training is not None else 0


def ending(found: Evidence) -> tuple[str, str, int, list[bool]]:
    return found.status, found.ended, steps(found), [one.complete for one in found.tests]


DONE = ("graded", "finished", STEPS, [True])


def events(found: Evidence) -> list[list[tuple[str, int | None]]]:
    assert found.training is not None
    return [[(one.kind, one.where and one.where.line) for one in step.events] for step in found.training.steps]


def changed(old: str, new: str) -> str:
    assert old in RIGHT
    return RIGHT.replace(old, new)


# ---- a right program ---------------------------------------------------------------------------------------------


def test_a_right_program_is_seen_whole(data: Path) -> None:
    found = run(RIGHT, data)
    assert (ending(found), found.failures, found.notes, found.stand_ins) == (DONE, (), (), ())
    assert found.chosen is not None
    assert (found.chosen.name, found.chosen.where, found.chosen.reason) == ("Net", line(5), "it was trained")
    assert [(name, graph.symbolic_batch, graph.output_shape) for name, graph in found.graphs.items()] == [
        ("train", True, (2, 10)),
        ("eval", True, (2, 10)),
    ]
    kinds = [("zero_grad", "optimizer.zero_grad()"), ("loss", "loss ="), ("backward", "backward()"), ("step", "step()")]
    expected = [(kind, line_of(RIGHT, text)) for kind, text in kinds]
    assert events(found) == [expected] * STEPS


def test_the_test_pass_is_counted_at_its_line(data: Path) -> None:
    one = run(RIGHT, data).tests[0]
    count = TEST_IMAGES
    assert (one.split, one.batches, one.samples, one.nominal) == ("test", count // 4, count, count)
    assert one.declared_batch_size == 4
    assert (one.with_grad, one.training_mode, one.same_network) == (False, False, True)
    assert one.where == line(line_of(RIGHT, "in test_loader"))
    assert one.printed == (f"Accuracy: {100 * one.correct / count:.2f} %",)


def test_a_plain_process_sees_what_a_forked_one_sees(data: Path) -> None:
    plain = evidence.read(process.run(programs.job(RIGHT, data)))
    forked = run(RIGHT, data)
    assert (plain.status, plain.graphs, plain.training, plain.tests, plain.probes) == (
        forked.status, forked.graphs, forked.training, forked.tests, forked.probes,
    )  # fmt: skip
    assert {name: one.tolist() for name, one in plain.tensors.items()} == {
        name: one.tolist() for name, one in forked.tensors.items()
    }


# ---- loops of any style end --------------------------------------------------------------------------------------

WHILE = """\
batches = iter(train_loader)
step = 0
while step < 2000:
    try:
        images, labels = next(batches)
    except StopIteration:
        batches = iter(train_loader)
        images, labels = next(batches)
    optimizer.zero_grad()
    loss_function(net(images), labels).backward()
    optimizer.step()
    step += 1
"""
BY_HAND = """\
x, y = torch.randn(8, 3, 32, 32), torch.randint(0, 10, (8,))
while True:
    optimizer.zero_grad()
    loss = loss_function(net(x), y)
    loss.backward()
    optimizer.step()
"""


def test_the_data_run_out_so_that_a_thousand_epochs_end(data: Path) -> None:
    assert ending(run(changed("range(2)", "range(1000)"), data)) == DONE


def test_a_while_loop_over_an_iterator_ends(data: Path) -> None:
    assert ending(run(NETWORK + DATA + WHILE + TEST, data)) == DONE


def test_an_endless_loop_without_a_loader_is_ended_when_it_has_shown_its_steps(data: Path) -> None:
    found = run(NETWORK + DATA + BY_HAND, data)
    assert (found.status, found.ended, steps(found), found.failures) == ("graded", "finished", STEPS, ())


def test_a_function_main_under_its_guard_is_run(data: Path) -> None:
    body = "".join(f"    {one}\n" for one in (DATA + TRAIN + TEST).splitlines())
    assert ending(run(f"{NETWORK}\ndef main():\n{body}\nif __name__ == '__main__':\n    main()\n", data)) == DONE


def test_large_batches_are_capped_and_the_declared_size_is_kept(data: Path) -> None:
    wide = changed("batch_size=4", "batch_size=512")
    capped, whole = run(wide, data), run(wide, data, 0)
    assert [(one.split, one.batch_size, one.shuffle) for one in capped.loaders] == [
        ("train", 512, True),
        ("test", 512, False),
    ]
    assert [(one.samples, one.declared_batch_size) for one in (*capped.tests, *whole.tests)] == [(TEST_IMAGES, 512)] * 2
    assert (capped.tensors["step/0/inputs"].shape[0], whole.tensors["step/0/inputs"].shape[0]) == (BATCH_CAP, 512)


def test_a_batch_size_in_the_network_is_met_by_recording_that_size_alone(data: Path) -> None:
    found = run(changed(".flatten(1)", ".view(4, 196)"), data)
    assert (found.status, found.graphs["train"].batch, found.graphs["train"].symbolic_batch) == ("graded", 4, False)


# ---- the outside world -------------------------------------------------------------------------------------------

WORLD = {
    "plots from the package": "from matplotlib import pyplot as plt\nfigure, axes = plt.subplots()\n",
    "plots": "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1])\nplt.show()\n",
    "progress bars": "from tqdm import tqdm\ntrain_loader = tqdm(train_loader, desc='epoch')\n",
    "logging": "import wandb\nwandb.init(project='x')\nwandb.log({'a': 1})\n",
    "summaries": "from torchsummary import summary\nsummary(net, (3, 32, 32))\n",
    "questions": "name = input('Your name? ')\nassert name == ''\n",
    "waiting": "import time\ntime.sleep(1000)\n",
    "a hard-coded GPU": "net = net.cuda()\nnet.to('cuda:0')\ntorch.zeros(3, device='cuda').cuda()\n",
    "a GPU by name": "device = torch.device('cuda')\nnet.to(device)\ntorch.cuda.synchronize()\n",
    "streams and events": "start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)\n"
    "start.record()\nwith torch.cuda.stream(torch.cuda.Stream()), torch.cuda.device(0): net.cuda()\n"
    "torch.cuda.current_stream().wait_stream(torch.cuda.Stream())\nassert start.elapsed_time(end) > 0\n",
    "a GPU's types": "torch.set_default_tensor_type('torch.cuda.FloatTensor')\nnet.type(torch.cuda.FloatTensor)\n"
    "assert torch.cuda.LongTensor([1]).device.type == 'cpu'\n",
    "compiling": "net = torch.compile(net)\n",
    "saving and loading": "torch.save(net.state_dict(), '/content/drive/net.pth')\n"
    "net.load_state_dict(torch.load('/content/drive/net.pth'))\n",
    "saving and loading a module": "torch.save(net, 'net.pt')\nassert torch.load('net.pt').fc.out_features == 10\n",
    "its own file": "open('notes.txt', 'w').write('x')\nassert open('notes.txt').read() == 'x'\n",
    "a notebook's words": "display(net)\nget_ipython().run_line_magic('matplotlib', 'inline')\n",
    "command line": "import argparse\nassert argparse.ArgumentParser().parse_args() is not None\n",
    "types of a GPU": "x = torch.ones(2).type(torch.cuda.FloatTensor)\ntorch.cuda.LongTensor(3)\n"
    "torch.set_default_tensor_type('torch.cuda.FloatTensor')\n",
    "time on a GPU": "start = torch.cuda.Event(enable_timing=True)\nstart.record()\n"
    "assert start.elapsed_time(start) == 1\n",
    "a GPU by default": "torch.set_default_device('cuda')\ng = torch.Generator(device='cuda')\n"
    "assert isinstance(g, torch.Generator)\nwith torch.device('cuda'):\n    torch.zeros(2)\n",
    "mixed precision": "with torch.autocast('cpu'), torch.autocast(device_type='cuda', dtype=torch.float16):\n"
    "    assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32\n",
    "names of older versions": "import numpy, time, torchvision\nassert numpy.float is float and numpy.int(2.5) == 2\n"
    "torchvision.transforms.Scale(32)\ntime.clock()\nfor i in xrange(2): pass\n"
    "assert torch.tensor(3.0).data[0] == 3\n",
    "schedulers that talk": "s = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    "torch.optim.lr_scheduler.ReduceLROnPlateau(s, verbose=True)\n",
    "seeds": "import random, numpy\nrandom.seed(1)\nnumpy.random.seed(1)\n"
    "torch.manual_seed(1)\ntorch.cuda.manual_seed_all(1)\n",
    "warnings": "import warnings\nwarnings.warn('careful')\n",
}


@pytest.mark.parametrize("name", WORLD)
def test_a_program_that_wants_the_outside_world_runs_on(data: Path, name: str) -> None:
    found = run(NETWORK + DATA + WORLD[name] + TRAIN + TEST, data)
    assert (ending(found), found.failures) == (DONE, ())


def test_the_loss_of_old_programs_is_its_first_item(data: Path) -> None:
    found = run(NETWORK + DATA + TRAIN + "        assert loss.data[0] == loss.item()\n" + TEST, data)
    assert (ending(found), found.failures) == (DONE, ())


@pytest.mark.parametrize(("volatile", "with_grad"), [("volatile=True", False), ("False, True", False), ("", True)])
def test_a_volatile_input_keeps_no_gradients(data: Path, volatile: str, with_grad: bool) -> None:
    test = (
        "from torch.autograd import Variable\nhits = 0\nfor x, y in test_loader:\n"
        f"    x = Variable(x, {volatile})\n    assert isinstance(x, Variable)\n"
        "    hits += (net(x).data.max(1)[1] == y).sum().item()\nprint(hits / len(test_loader.dataset))\n"
    )
    found = run(NETWORK + DATA + TRAIN + test, data)
    assert (ending(found), [one.with_grad for one in found.tests]) == (DONE, [with_grad])


def test_packages_that_were_replaced_are_named(data: Path) -> None:
    found = run(NETWORK + DATA + WORLD["plots"] + WORLD["progress bars"] + WORLD["summaries"] + TRAIN, data)
    assert found.stand_ins == ("matplotlib", "tqdm", "torchsummary")


def test_printing_is_kept_at_both_ends_and_does_no_harm(data: Path) -> None:
    loud = NETWORK + DATA + "for i in range(20000): print('line', i, 'é' * 50)\n" + TRAIN + TEST
    found = run(loud, data)
    assert ending(found) == DONE
    assert (found.output_head.splitlines()[0], found.output_tail.splitlines()[-1][:9]) == (
        "line 0 " + "é" * 50,
        "Accuracy:",
    )


# ---- programs that stop early ------------------------------------------------------------------------------------


def test_an_exception_is_told_at_its_line_and_the_network_is_still_read(data: Path) -> None:
    program = changed("correct = total = 0", "correct = totals")
    found = run(program, data)
    assert (ending(found), list(found.graphs)) == (("graded", "error", STEPS, []), ["train", "eval"])
    assert [(one.kind, one.message, one.where, one.phase) for one in found.failures] == [
        ("NameError", "name 'totals' is not defined", line(line_of(program, "totals")), "run")
    ]


def test_an_exception_deep_in_torch_is_told_at_the_students_line(data: Path) -> None:
    program = changed("nn.Linear(196, 10)", "nn.Linear(100, 10)")
    found = run(program, data)
    assert (found.status, found.ended) == ("forward-error", "error")
    at = line(line_of(program, "return self.fc"))
    assert [(one.kind, one.where, one.phase) for one in found.failures] == [
        ("RuntimeError", at, "run"),
        ("RuntimeError", at, "forward"),
    ]


def test_an_exception_while_constructing_is_told(data: Path) -> None:
    program = NETWORK.replace("nn.Linear(196, 10)", "nn.Linear(196)")
    found = run(program, data)
    assert (found.status, found.graphs) == ("construct-error", {})
    assert [(one.kind, one.where, one.phase) for one in found.failures] == [
        ("TypeError", line(line_of(program, "nn.Linear(196)")), "construct")
    ]


def test_the_network_is_found_where_it_is_only_defined(data: Path) -> None:
    found = run(NETWORK, data)
    assert (found.status, found.ended, steps(found), list(found.graphs)) == ("graded", "finished", 0, ["train", "eval"])
    assert found.chosen is not None
    assert found.chosen.reason == "constructed from its class"


def test_leaving_early_keeps_what_was_defined(data: Path) -> None:
    found = run("import sys\nsys.exit(0)\n" + RIGHT, data)
    assert (found.status, found.ended, list(found.graphs)) == ("exited-early", "exit", ["train", "eval"])
    assert [(one.kind, one.where) for one in found.failures] == [("SystemExit", line(2))]


def test_leaving_after_training_is_no_harm(data: Path) -> None:
    found = run(NETWORK + DATA + TRAIN + "exit()\n" + TEST, data)
    assert (found.status, found.ended, steps(found)) == ("graded", "exit", STEPS)


def test_a_process_that_is_ended_at_once_leaves_what_it_had_sent(data: Path) -> None:
    found = run("import os\nos._exit(0)\n" + RIGHT, data)
    assert (found.status, found.graphs, found.training) == ("exited-early", {}, None)


def test_a_program_that_does_not_parse_is_told_at_its_line(data: Path) -> None:
    found = run(changed("for epoch in range(2):", "for epoch in range(2)"), data)
    assert found.status == "syntax-error"
    assert [(one.kind, one.message, one.where) for one in found.failures] == [
        ("SyntaxError", "expected ':'", line(line_of(RIGHT, "for epoch")))
    ]


def test_a_package_that_is_not_there_is_told(data: Path) -> None:
    found = run("import no_such_package\n" + RIGHT.replace("net = Net()", "net = no_such_package.wrap(Net())"), data)
    assert (found.status, steps(found), list(found.graphs)) == ("import-error", 0, ["train", "eval"])
    assert [(one.kind, one.where) for one in found.failures] == [("ModuleNotFoundError", line(1))]


@pytest.mark.parametrize(
    "use", ["", "no_such_package.log({'loss': 0.1})\n", "with no_such_package.run('x') as run: pass\n"]
)
def test_a_package_that_is_not_there_and_takes_no_part_does_no_harm(data: Path, use: str) -> None:
    found = run("import no_such_package\nfrom turtle import forward\n" + RIGHT + use, data)
    assert (ending(found), found.failures, found.stand_ins) == (DONE, (), ("no_such_package", "turtle"))


def test_a_checkpoint_that_nobody_wrote_leaves_the_network_as_it_is(data: Path) -> None:
    load = "state = torch.load('best.pth')\nnet.load_state_dict(state['net'])\nfirst = state['epoch']\n"
    found = run(NETWORK + DATA + load + TRAIN + TEST, data)
    assert (ending(found), found.failures, found.stand_ins) == (DONE, (), ("best.pth",))


def test_a_network_is_not_had_from_a_checkpoint_that_is_not_there(data: Path) -> None:
    found = run(NETWORK + DATA + "net = torch.load('best.pth')\n" + TRAIN + TEST, data)
    assert [(one.kind, one.where and one.where.line) for one in found.failures] == [
        ("FileNotFoundError", line_of(NETWORK + DATA + "net = torch.load", "net = torch.load"))
    ]


def test_a_checkpoint_under_another_name_than_it_was_saved_is_told(data: Path) -> None:
    saved = "torch.save(net.state_dict(), 'net.pth')\nnet.load_state_dict(torch.load('nett.pth'))\n"
    found = run(NETWORK + DATA + TRAIN + saved + TEST, data)
    assert [one.kind for one in found.failures] == ["FileNotFoundError"]


def test_words_that_the_command_line_must_have_are_told_where_they_matter(data: Path) -> None:
    parse = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--data', required=True)\n"
    found = run(parse + "options = parser.parse_args()\n" + RIGHT, data)
    assert (ending(found), found.stand_ins) == (DONE, ("--data of the command line",))
    demanding = parse + "parser.add_argument('--lr', type=float, required=True)\noptions = parser.parse_args()\n"
    found = run(demanding + RIGHT, data)
    assert (found.status, [one.message[:47] for one in found.failures]) == (
        "exited-early",
        ["the following arguments are required: --lr: the"],
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [("nn.Moudle", "Did you mean 'Module'?"), ("def init(self", "its class has a method init; a constructor is")],
)
def test_a_name_that_is_nearly_right_is_told_with_the_one_that_was_meant(data: Path, written: str, meant: str) -> None:
    right = {"nn.Moudle": "nn.Module", "def init(self": "def __init__(self"}[written]
    found = run(changed(right, written), data)
    assert any(meant in one.message for one in found.failures)


def test_a_busy_loop_is_ended_by_its_time_and_the_network_is_read(data: Path) -> None:
    found = programs.run_within(NETWORK + "while True:\n    pass\n", data, cpu_s=60, wall_s=2)
    assert (found.status, found.ended, list(found.graphs)) == ("time-limit", "time", ["train", "eval"])
    assert [one.where in (line(14), line(13)) for one in found.failures] == [True]


def test_a_loop_that_swallows_everything_is_ended_by_its_time(data: Path) -> None:
    stubborn = "while True:\n    try:\n        while True: pass\n    except Exception:\n        pass\n"
    found = programs.run_within(NETWORK + stubborn, data, cpu_s=60, wall_s=2)
    assert (found.status, found.ended) == ("time-limit", "time")


def test_no_network_is_told(data: Path) -> None:
    found = run("print('hello')\n", data)
    assert (found.status, found.graphs, found.candidates) == ("no-model", {}, ())


# ---- which network -----------------------------------------------------------------------------------------------

SECOND = NETWORK + "\nclass Other(nn.Module):\n    def __init__(self):\n        super().__init__()\n" + (
    "        self.fc = nn.Linear(3072, 10)\n\n    def forward(self, x):\n        return self.fc(x.flatten(1))\n"
)  # fmt: skip


def test_of_two_networks_the_one_that_was_trained_is_graded(data: Path) -> None:
    found = run(SECOND + DATA.replace("net = Net()", "first = Net()\nnet = Other()") + TRAIN + TEST, data)
    assert (found.status, found.chosen and found.chosen.name) == ("graded", "Other")


def test_two_networks_of_which_neither_was_trained_are_ambiguous(data: Path) -> None:
    convolutional = "nn.Sequential(nn.Conv2d(3, 1, 1), nn.Flatten(), nn.Linear(1024, 10))"
    second = SECOND.replace("nn.Linear(3072, 10)", convolutional).replace("x.flatten(1)", "x")
    found = run(second, data)
    assert (found.status, found.chosen, [(one.name, one.where) for one in found.candidates]) == (
        "ambiguous-model", None, [("Net", line(5)), ("Other", line(line_of(second, "class Other")))],
    )  # fmt: skip


def test_of_a_convolutional_network_and_a_linear_one_the_first_is_meant(data: Path) -> None:
    found = run(SECOND, data)
    assert (found.status, found.chosen and found.chosen.name) == ("graded", "Net")


def test_a_network_is_constructed_with_the_arguments_that_the_program_gives_it(data: Path) -> None:
    wide = NETWORK.replace("def __init__(self):", "def __init__(self, width, kernel):").replace(
        "nn.Conv2d(3, 4, 5,", "nn.Conv2d(3, width, kernel,"
    )
    found = run(wide + "def main():\n    return Net(4, kernel=5)\n", data)
    assert (found.status, found.chosen and found.chosen.name) == ("graded", "Net")


@pytest.mark.parametrize("argument", ["num_classes", "num_classes=100"])
def test_a_network_that_was_only_defined_is_constructed_with_ten_classes(data: Path, argument: str) -> None:
    found = run(NETWORK.replace("(self):", f"(self, {argument}):").replace("196, 10", "196, num_classes"), data)
    assert (found.chosen and found.chosen.name, found.graphs["train"].output_shape) == ("Net", (2, 10))


def test_a_function_that_makes_the_network_is_called_with_what_it_is_mostly_given(data: Path) -> None:
    program = "from torchvision.models import resnet18\ndef make(classes):\n    return resnet18(num_classes=classes)\n"
    found = run(program, data)
    assert (found.chosen and found.chosen.reason, found.graphs["train"].output_shape) == ("made by make()", (2, 10))


def test_a_network_that_answers_something_else_is_still_the_network(data: Path) -> None:
    found = run(NETWORK.replace("196, 10", "196, 7") + "net = Net()\n", data)
    assert (found.chosen and found.chosen.name, found.graphs["train"].output_shape) == ("Net", (2, 7))


def test_without_a_network_the_import_that_failed_is_told(data: Path) -> None:
    found = run("from my_net import Net\nclass Trainer:\n    def __init__(self):\n        self.net = Net()\n", data)
    assert (found.status, [(one.kind, one.where) for one in found.failures][:1]) == (
        "import-error",
        [("ModuleNotFoundError", line(1))],
    )


def test_lazy_layers_have_their_sizes_in_the_end(data: Path) -> None:
    lazy = RIGHT.replace("nn.Conv2d(3, 4,", "nn.LazyConv2d(4,").replace("nn.Linear(196, 10)", "nn.LazyLinear(10)")
    found = run(lazy, data)
    assert ending(found) == DONE
    assert {leaf.name: leaf.shape for leaf in found.graphs["train"].leaves.values()} == {
        "conv.weight": (4, 3, 5, 5), "conv.bias": (4,), "fc.weight": (10, 196), "fc.bias": (10,),
    }  # fmt: skip


def test_lazy_layers_that_never_ran_are_read_too(data: Path) -> None:
    found = run(NETWORK.replace("nn.Linear(196, 10)", "nn.LazyLinear(10)"), data)
    assert (found.status, [leaf.shape for leaf in found.graphs["eval"].leaves.values()]) == (
        "graded",
        [(4, 3, 5, 5), (4,), (10, 196), (10,)],
    )


# ---- notebooks and folders ---------------------------------------------------------------------------------------


def test_a_notebook_runs_cell_by_cell_and_says_the_cell(data: Path) -> None:
    found = run(submission(notebook(NETWORK, DATA, TRAIN, TEST)), data)
    assert ending(found) == DONE
    assert found.chosen is not None
    assert (found.chosen.where, found.tests[0].where) == (
        Where(file="hw.ipynb", line=5, cell=1),
        Where(file="hw.ipynb", line=line_of(TEST, "in test_loader"), cell=4),
    )


def test_a_cell_that_fails_does_not_stop_the_next(data: Path) -> None:
    found = run(submission(notebook(NETWORK, DATA, "a = 1\nprint(undefined)\n", TRAIN, TEST)), data)
    assert (found.status, steps(found), [one.complete for one in found.tests]) == ("graded", STEPS, [True])
    assert [(one.kind, one.where) for one in found.failures] == [("NameError", Where(file="hw.ipynb", line=2, cell=3))]


def test_a_cell_that_does_not_parse_does_not_stop_the_next(data: Path) -> None:
    found = run(submission(notebook(NETWORK, DATA, "print('a'\n", TRAIN, TEST)), data)
    assert (found.status, steps(found)) == ("graded", STEPS)
    assert [(one.kind, one.where and one.where.cell) for one in found.failures] == [("SyntaxError", 3)]


def test_of_a_folder_the_program_that_trains_is_run_and_imports_its_neighbours(data: Path) -> None:
    model = SourceFile(path="model.py", source=NETWORK)
    main = SourceFile(path="main.py", source="from model import *\nfrom model import Net\n" + DATA + TRAIN + TEST)
    found = run(submission(model, main, config_txt=b"x"), data)
    assert (ending(found), found.entry, found.chosen and found.chosen.where) == (
        DONE, "main.py", Where(file="model.py", line=5),
    )  # fmt: skip
