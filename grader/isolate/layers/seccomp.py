"""seccomp: system calls that no course work needs are refused (EPERM), and a program of a foreign ABI is killed.

Refused: sockets of every family, what makes or enters namespaces and mounts, what looks into other processes, what is
shared with every process of the machine (System V and POSIX queues, keys), io_uring, bpf, perf, clocks, modules.
Kept: pairs of Unix sockets, memfd_create. The filter is classic BPF, assembled here.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from . import kernel

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE, ABSENT = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCHITECTURES = {kernel.X86_64: 0xC000003E, kernel.AARCH64: 0xC00000B7}
X32 = 0x40000000
AT_NUMBER, AT_ARCHITECTURE, AT_ARGUMENT = 0, 4, 16
NEW_NAMESPACES = 0x7E020000 | 0x80
AF_UNIX, TIOCSTI, TIOCLINUX = 1, 0x5412, 0x541C

# name: (x86_64, aarch64); -1 where there is none.
REFUSED: dict[str, tuple[int, int]] = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "move_pages": (279, 239), "migrate_pages": (256, 238),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "quotactl": (179, 60), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "reboot": (169, 142), "syslog": (103, 116), "sethostname": (170, 161),
    "setdomainname": (171, 162), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "personality": (135, 92), "vhangup": (153, 58),
    "iopl": (172, -1), "ioperm": (173, -1), "modify_ldt": (154, -1), "uselib": (134, -1),
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "semtimedop": (220, 192), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_open": (240, 180), "mq_unlink": (241, 181), "memfd_secret": (447, 447),
}  # fmt: skip
CLONE, CLONE3, SOCKETPAIR, IOCTL, PRLIMIT = (56, 220), (435, 435), (53, 199), (16, 29), (302, 261)

Instruction = tuple[int, int, int, int]  # code, steps when true, steps when false, value


def program(machine: str) -> list[Instruction]:
    """The filter: the ABI first, then calls whose arguments decide, then those that are refused whatever they ask."""
    column = (kernel.X86_64, kernel.AARCH64).index(machine)
    lines: list[Instruction] = [
        (LOAD, 0, 0, AT_ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, AT_NUMBER),
    ]
    if machine == kernel.X86_64:
        lines += [(JUMP_AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    # clone3 keeps its flags in memory, where a filter cannot look: the C library then falls back to clone.
    lines += [(JUMP_EQUAL, 0, 1, CLONE3[column]), (RETURN, 0, 0, ABSENT)]
    lines += _where(CLONE[column], 0, [(JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES)])
    lines += _where(SOCKETPAIR[column], 0, [(JUMP_EQUAL, 1, 0, AF_UNIX)])
    lines += _where(IOCTL[column], 1, [(JUMP_EQUAL, 1, 0, TIOCSTI), (JUMP_EQUAL, 0, 1, TIOCLINUX)])
    lines += _where(PRLIMIT[column], 0, [(JUMP_EQUAL, 1, 0, 0)])  # of itself only
    for numbers in REFUSED.values():
        if numbers[column] >= 0:
            lines += [(JUMP_EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, REFUSE)]
    return [*lines, (RETURN, 0, 0, ALLOW)]


def _where(number: int, argument: int, question: list[Instruction]) -> list[Instruction]:
    """Ask about the low half of an argument of one call: the question falls through to be refused, or jumps over it."""
    body = [(LOAD, 0, 0, AT_ARGUMENT + 8 * argument), *question, (RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    return [(JUMP_EQUAL, 0, len(body), number), *body]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def restrict() -> None:
    """Put the filter on this process, all its threads and all its children, for good."""
    if kernel.MACHINE not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no filter of system calls is known for {kernel.MACHINE}")
    lines = program(kernel.MACHINE)
    packed = b"".join(struct.pack("<HBBI", *line) for line in lines)
    kernel.no_new_privileges()
    filter_mode, all_threads = 1, 1
    kernel.call("seccomp", filter_mode, all_threads, ctypes.byref(_Program(len(lines), packed)))
