"""The nouns: every record that flows from one step to the next, frozen and keyword-only.

    paths -collect-> Submission -> Job -isolate-> RunResult -evidence-> Evidence
          -network, learn-> Facts -check-> CheckResult -score-> Grade -report-> text

Nothing here computes; nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Verdict = Literal["pass", "fail", "skip", "error"]
Status = Literal[
    "graded",
    "input-rejected",
    "no-model",
    "ambiguous-model",
    "syntax-error",
    "import-error",
    "construct-error",
    "forward-error",
    "trace-unsupported",
    "time-limit",
    "memory-limit",
    "disk-limit",
    "output-limit",
    "process-limit",
    "exited-early",
    "crashed",
    "evidence-rejected",
    "sandbox-error",
]
Phase = Literal["collect", "import", "construct", "forward", "train", "test"]


@dataclass(frozen=True, kw_only=True)
class Where:
    """A place a student can edit: ``line`` counts in the file, or in the notebook cell as typed (cells from 1)."""

    file: str
    line: int
    cell: int | None = None


# ---- what goes in -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One code cell of a notebook: its number among the code cells (from 1) and its source with magics blanked out."""

    number: int
    source: str


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One readable program: a .py file (``cells`` empty) or a notebook (``source`` empty). Read, never run."""

    path: str  # posix path relative to the submission
    source: str = ""
    cells: tuple[Cell, ...] = ()
    magics: int = 0  # notebook magics and shell lines that were blanked out


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a student handed in, collected: programs, and the other small files that they may open."""

    name: str
    programs: tuple[SourceFile, ...]
    other_files: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LayerSpec:
    """One row of the handout's layer table."""

    name: str  # "conv1"
    kind: str  # canonical operation: "conv", "linear", "max_pool", "relu", "add", ...
    title: str  # "Convolution 3 -> 6, kernel 5"
    source: str  # where the lecture says it
    attributes: Mapping[str, Any]  # what the handout fixes, e.g. {"kernel_size": [5, 5]}


@dataclass(frozen=True, kw_only=True)
class CheckSpec:
    """A check that an assignment uses, with its points."""

    id: str
    points: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one submission may use."""

    cpu_s: float = 60.0
    wall_s: float = 190.0
    memory_mb: int = 8192
    processes: int = 64
    file_mb: int = 256
    output_mb: int = 64
    evidence_mb: int = 2048


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the handout trains: loss and optimizer with every hyperparameter that matters."""

    loss: str  # "cross_entropy"
    optimizer: str  # "SGD", "Adam"
    hyperparameters: Mapping[str, Any]  # {"lr": 0.001, "momentum": 0.9, ...} complete, torch's names


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One folder of assignments/: data only."""

    id: str
    title: str
    source: str  # lecture and slide
    folder: Path
    input_shape: tuple[int, ...]  # without the batch: (3, 32, 32)
    classes: int
    parameters: int
    layers: tuple[LayerSpec, ...]
    tolerate: frozenset[str]  # {"batch_norm", "dropout"}
    alternatives: Mapping[str, Mapping[str, Any]]  # title -> arguments for the reference's constructor
    recipe: Recipe | None  # None: a case study, of which the network alone is graded
    checks: tuple[CheckSpec, ...]
    limits: Limits
    training_steps: int  # recorded and replayed
    reference: str = ""  # the class or function in the reference file
    reference_file: str = ""  # of reference/, without .py: the assignment's id, unless several share a file
    arguments: Mapping[str, Any] = field(default_factory=dict)  # of the reference

    @property
    def training(self) -> Recipe:
        """The recipe of an assignment that has one."""
        assert self.recipe is not None
        return self.recipe


@dataclass(frozen=True, kw_only=True)
class Job:
    """One sandboxed run of the probe. Holds nothing a cheat could use: no expected value, no grading seed."""

    submission: Submission
    data_dir: Path  # train.npy, train_labels.npy, test.npy, test_labels.npy: small, read-only
    request: Mapping[str, Any]  # handed to the probe as JSON
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What came back from a sandbox: bytes and how the process ended. Nothing in it is believed yet."""

    backend: str
    frames: bytes
    ended: Literal["exited", "signalled", "limit", "unavailable"]
    exit_code: int | None = None
    limit: Status | None = None  # which limit, where ended == "limit"
    output_head: str = ""
    output_tail: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    reason: str = ""  # of "unavailable": one sentence


# ---- what comes back: claims, strictly parsed ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An exception of the student's program: what, where, and the innermost line of theirs."""

    kind: str  # exception class
    message: str
    where: Where | None
    phase: str


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """A parameter, buffer or constant of the student's network."""

    name: str
    role: Literal["parameter", "buffer", "constant"]
    shape: tuple[int, ...]
    dtype: str
    registered: bool
    requires_grad: bool
    where: Where | None


@dataclass(frozen=True, kw_only=True)
class RawNode:
    """One ATen operation as it ran. ``arguments`` nest lists and literals; {"value": id} refers to a tensor and
    {"batch": [numerator, denominator]} is that multiple of the batch size."""

    op: str  # "aten.conv2d.default"
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    outputs: tuple[int, ...]  # value ids
    shapes: tuple[tuple[int, ...], ...]
    where: tuple[Where, ...]  # the student's frames, innermost first
    module: str  # path of the module whose forward ran it, "" for the network itself
    constructed: Where | None = None  # the line that constructed that module
    site: int = 0  # which call on that line: code that runs twice from one place has one site
    constructed_site: int = 0


@dataclass(frozen=True, kw_only=True)
class RawGraph:
    """The network as recorded in one mode: leaves by value id, nodes in the order they ran."""

    mode: Literal["train", "eval"]
    batch: int
    symbolic_batch: bool  # False: literals hold this batch size only
    input: int  # value id
    leaves: Mapping[int, Leaf]
    nodes: tuple[RawNode, ...]
    output: int | None  # None: forward failed after the last node
    output_shape: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something the student's training loop did: zero_grad, backward, step, clip, forward, data."""

    kind: str
    where: Where | None
    value: float | None = None


@dataclass(frozen=True, kw_only=True)
class OptimizerFacts:
    """An optimizer object as constructed: hyperparameters per group, and which of the network's parameters."""

    kind: str  # class name
    groups: tuple[Mapping[str, Any], ...]  # hyperparameters, torch's names
    parameters: tuple[str, ...]  # names in the trained network; "" for a parameter that is not the network's
    where: Where | None
    stale: bool  # made for another model object
    steps: int  # calls of step() seen
    rates: tuple[float, ...] = ()  # the learning rates of all steps, each time it changed; the first few
    schedule: Where | None = None  # where a scheduler was constructed for it


@dataclass(frozen=True, kw_only=True)
class LossCall:
    """A call of a torch loss function on the network's output."""

    function: str  # "cross_entropy"
    options: Mapping[str, Any]
    where: Where | None


@dataclass(frozen=True, kw_only=True)
class TrainingStep:
    """One batch of the student's training loop. Tensors by name in Evidence.tensors."""

    index: int
    inputs: str  # the batch as fed to the network
    labels: str | None  # the loader's labels of that batch
    events: tuple[Event, ...]
    loss: float | None
    outputs: str | None  # what the network answered
    output_gradient: str | None  # d loss / d outputs
    targets: str | None  # the labels as given to the loss
    training_mode: bool
    generator: str | None  # state of torch's generator before the forward


@dataclass(frozen=True, kw_only=True)
class Training:
    steps: tuple[TrainingStep, ...]
    snapshots: tuple[Mapping[str, str], ...]  # len(steps) + 1; parameter or buffer -> tensor name
    optimizers: tuple[OptimizerFacts, ...]
    losses: tuple[LossCall, ...]
    schedulers: tuple[str, ...]
    on_test_data: bool  # steps were fed from the test split
    where: Where | None  # the loop over the training data


@dataclass(frozen=True, kw_only=True)
class TestPass:
    """One pass over a loader without backward."""

    split: str  # "train", "test", "unknown"
    batches: int
    complete: bool  # the loader was read to its end
    samples: int
    nominal: int  # len(dataset) as the student sees it
    declared_batch_size: int  # as the student wrote it
    with_grad: bool
    training_mode: bool
    correct: int  # arg max of the network's outputs against the loader's labels
    same_network: bool  # of the class that was trained, with its trained weights
    printed: tuple[str, ...]  # lines printed from this pass to the next event
    where: Where | None
    printed_where: tuple[Where | None, ...] = ()  # the lines of the program that printed them
    split_size: int = 0  # length of the whole split here
    data_where: Where | None = None  # where its data set was constructed, if that is not the one trained on
    hard_coded: bool = False  # the program holds the number 10000, CIFAR-10's test images


@dataclass(frozen=True, kw_only=True)
class LoaderFacts:
    split: str
    batch_size: int
    shuffle: bool
    transform: str
    where: Where | None


@dataclass(frozen=True, kw_only=True)
class InputStatistics:
    """Of what the network was fed: per channel minimum, maximum, mean, standard deviation."""

    split: str
    minimum: tuple[float, ...]
    maximum: tuple[float, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    where: Where | None


@dataclass(frozen=True, kw_only=True)
class Candidate:
    name: str
    where: Where | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything a submission's run left, parsed strictly. Claims: the trusted side recomputes what it scores."""

    status: Status
    phase: str
    entry: str  # the program that was run
    route: str  # "run", "definitions"
    ended: str  # "finished", "error", "exit", "not-run"
    failures: tuple[Failure, ...]
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None
    graphs: Mapping[str, RawGraph]  # "train", "eval"
    unused: tuple[Leaf, ...]  # registered, never used
    output_count: int  # tensors that forward returned
    input_shape: tuple[int, ...]  # of the pictures that it was recorded on, without the batch
    probes: Mapping[str, Any]  # outputs and gradient digests on the random input, to hold the rebuild against
    training: Training | None
    tests: tuple[TestPass, ...]
    loaders: tuple[LoaderFacts, ...]
    inputs: tuple[InputStatistics, ...]
    stand_ins: tuple[str, ...]  # packages replaced by inert ones
    rivals: tuple[str, ...]  # other programs of the submission that train a network
    trained: tuple[str, ...]  # classes of the networks that this one trained, one of each kind, in their order
    notes: tuple[str, ...]
    tensors: Mapping[str, Any]  # name -> torch.Tensor
    versions: Mapping[str, str]
    output_head: str
    output_tail: str
    wall_s: float
    cpu_s: float


# ---- what is computed from it -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found. ``charged`` False: a consequence of another finding, or a note."""

    code: str
    message: str  # found, and expected
    hint: str = ""  # what to do
    layer: str | None = None
    attribute: str | None = None
    expected: str | None = None
    found: str | None = None
    charged: bool = True
    where: Where | None = None


@dataclass(frozen=True, kw_only=True)
class LayerRow:
    """A row of the report's table: what the handout asks beside what was found."""

    layer: str
    title: str
    expected: str
    found: str
    verdict: Verdict
    where: Where | None = None


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    id: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    message: str
    findings: tuple[Finding, ...] = ()
    rows: tuple[LayerRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RepairStep:
    """One change to the student's network, or what the changes force upon another layer of it."""

    text: str  # "In conv2 set padding=0."; of a consequence the end of "That also makes ...": "fc1 expect 400 inputs"
    layers: tuple[str, ...]
    where: Where | None


@dataclass(frozen=True, kw_only=True)
class Repair:
    """The smallest set of changes found that turns the student's network into the handout's."""

    steps: tuple[RepairStep, ...]
    consequences: tuple[RepairStep, ...]
    verified: bool  # done on the graph, they give the handout's network


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The student's network beside the handout's."""

    same: bool
    alternative: str  # which accepted alternative came nearest ("" for the reference itself)
    findings: tuple[Finding, ...]
    rows: tuple[LayerRow, ...]
    parameters: int
    output_shape: tuple[int | str, ...]
    hash: str
    tail: str  # "logits", "softmax", "log_softmax", ...
    distance: float = 0.0  # what the cheapest alignment with the handout's network costs
    unsupported: str = ""  # why the graph could not be read, one sentence
    stopped: bool = False  # forward failed: only what ran until then is compared
    unreached: tuple[str, ...] = ()  # layers that forward did not come to, and that nothing else shows to be right
    repair: Repair | None = None  # where one was found and tried


# ---- two networks side by side ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two that are compared."""

    name: str  # as it was asked for
    status: Status
    lacking: str  # why there is no network to compare, "" where there is one
    parameters: int | None = None
    output_shape: tuple[int | str, ...] | None = None
    hash: str | None = None


@dataclass(frozen=True, kw_only=True)
class SideRow:
    """A layer, or a choice of the training, on both sides. "—": that side has none."""

    about: str  # "conv2", "optimizer"
    a: str
    b: str
    a_where: Where | None
    b_where: Where | None
    same: bool


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """Two networks, and how each is trained."""

    assignment: str  # whose handout names the layers
    a: Side
    b: Side
    layers: tuple[SideRow, ...]
    differences: tuple[SideRow, ...]  # of the networks: what each attribute, connection or layer is on either side
    training: tuple[SideRow, ...]
    same_network: bool | None  # None: one side has no network
    needs_review: bool = False

    @property
    def same_training(self) -> bool:
        return all(row.same for row in self.training)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A mistake of the training loop, proved by replay."""

    code: str
    check: str  # the check that it is charged to: "loss", "optimizer", "training-step"
    message: str
    hint: str
    expected: str | None = None
    found: str | None = None
    where: Where | None = None


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Did the handout's recipe, replayed on the student's batches from the student's weights, give their weights?"""

    matched: bool
    faults: tuple[Fault, ...]  # the diagnosis when it did not
    explained: bool  # the faults reproduce the student's weights
    steps: int
    deviation: float  # relative distance of the handout's recipe from what the student's loop did
    diverged_at: str = ""  # "step 1, conv2.weight" where nothing explains it


@dataclass(frozen=True, kw_only=True)
class LearningRun:
    kind: str  # "memorise"
    learned: bool
    losses: tuple[float, ...]
    steps: int
    message: str
    device: str
    wall_s: float


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that checks may see."""

    assignment: Assignment
    evidence: Evidence
    comparison: Comparison | None
    rebuilt: bool  # the rebuild reproduced the student's outputs and gradients
    replay: Replay | None
    learning: LearningRun | None
    quick: bool
    stumbles: Mapping[str, str] = field(default_factory=dict)  # step of ours that failed -> what happened


@dataclass(frozen=True, kw_only=True)
class Grade:
    """A graded submission: what reports are made of."""

    assignment: Assignment
    submission: str
    status: Status
    score: float
    max_score: float
    needs_review: bool
    summary: str  # one sentence
    checks: tuple[CheckResult, ...]
    parameters: int | None
    output_shape: tuple[int | str, ...] | None
    network_hash: str | None
    learning: tuple[LearningRun, ...]
    environment: Mapping[str, Any]
    notes: tuple[str, ...]
    sources: Mapping[str, str]  # file, or "file#cell", -> text, for quoting lines
    repair: Repair | None = None


# ---- a class ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Student:
    """Whose submission it is. ``id`` tells the rows of a class apart; it is shown, and never a file's name."""

    id: str
    name: str = ""
    email: str = ""
    login: str = ""
    section: str = ""
    platform_id: str = ""  # Canvas' user id, Moodle's participant number, Gradescope's submission


@dataclass(frozen=True, kw_only=True)
class Override:
    """A mark that a person gave instead of the automatic one."""

    check: str  # id of a check, or "total"
    points: float
    why: str
    by: str
    at: str
    beneath: float | None  # the automatic mark when it was given
    moved: bool = False  # the automatic mark has changed since


@dataclass(frozen=True, kw_only=True)
class RowCheck:
    """One check of one student: the automatic mark and the one that counts."""

    id: str
    title: str
    verdict: str
    message: str
    points: float
    max_points: float
    automatic: float
    override: Override | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One student in the ledger, as exports and the overview show it."""

    student: Student
    attempt: int
    status: str  # a Status, or "missing"
    score: float | None  # None: nothing was handed in
    max_score: float
    automatic: float | None
    late: bool
    deduction: float  # taken off for being late
    needs_review: bool
    checks: tuple[RowCheck, ...]
    result: Mapping[str, Any]  # as in report.json; empty where nothing was handed in
    overrides: tuple[Override, ...] = ()
    content: str = ""  # equal for submissions that are the same
    report: str = ""  # path of the page below the output folder
    submitted_at: str = ""
    graded_at: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Roll:
    """A class: one assignment and everyone's row."""

    assignment: str
    title: str
    max_score: float
    rows: tuple[Row, ...]
