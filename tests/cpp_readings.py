"""Where the functions of a C++ or CUDA file stand, read with clang."""

import re

import clang.cindex

FUNCTIONS = {"FUNCTION_DECL", "CXX_METHOD", "CONSTRUCTOR", "DESTRUCTOR", "FUNCTION_TEMPLATE"}
CLANG = {
    True: [
        "-x",
        "cuda",
        "--cuda-host-only",
        "-nocudainc",
        "-nocudalib",
        "-D__global__=__attribute__((global))",
    ],
    False: ["-x", "c++"],
}
DEVICE = [
    "-D__device__=__attribute__((device))",
    "-D__host__=__attribute__((host))",
    "-D__shared__=__attribute__((shared))",
    "-D__launch_bounds__(threads)=__attribute__((launch_bounds(threads)))",
    "-D__forceinline__=inline",
]


def cpp_bodies(source: str, cuda: bool) -> dict[str, list[tuple[int, int, int]]]:
    """Return for each function, by its qualified name, where it starts, where its body starts and ends."""
    blank = re.sub(r"^#include.*$", lambda line: " " * len(line[0]), source, flags=re.MULTILINE)
    assert blank.isascii(), "clang counts bytes"
    name = "x.cu" if cuda else "x.cpp"
    arguments = [*CLANG[cuda], *DEVICE, "-std=c++17", "-nostdinc", "-Dsize_t=unsigned long"]
    unit = clang.cindex.Index.create().parse(name, args=arguments, unsaved_files=[(name, blank)])
    found: dict[str, list[tuple[int, int, int]]] = {}
    for cursor in unit.cursor.walk_preorder():
        if cursor.kind.name in FUNCTIONS and cursor.is_definition():
            inner = [child.extent for child in cursor.get_children() if child.kind.name == "COMPOUND_STMT"]
            place = (cursor.extent.start.offset, inner[-1].start.offset, inner[-1].end.offset)
            found.setdefault(qualified(cursor), []).append(place)
    return found


def qualified(cursor: clang.cindex.Cursor) -> str:
    owner = cursor.semantic_parent
    inside = owner is not None and owner.kind.name != "TRANSLATION_UNIT"
    return f"{qualified(owner)}::{cursor.spelling}" if inside else str(cursor.spelling)
