"""Turn CUDA's own syntax into C++: launches, shared arrays, device variables. Lines stay where they are.

    python translate.py kernels.cu kernels.cc [--depfile kernels.d]

What is left of CUDA after that, include/cuda_runtime.h defines. Headers that the file includes with quotes
are translated too, into files beside the output, if they hold such syntax.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_cuda
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_cuda.language()))
_ALIGN = re.compile(rb"\b__align__\s*\([^()]*\)|\balignas\s*\([^()]*\)")
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_NOINLINE = re.compile(
    rb"(?<!\()\b__noinline__\b"
)  # the C++ library's headers use this word, so no macro can
_NO_CONFIGURATION = "::cudasim::a_kernel_is_started_with_triple_angle_brackets"  # names nothing, on purpose

Edit = tuple[int, int, str]  # from byte, to byte, the text in their place


def translate(source: bytes) -> bytes:
    """Return the C++ for a CUDA source, line by line the same."""
    # the grammar does not know these, and they mean nothing to it: hide them, at equal length
    readable = _ALIGN.sub(lambda found: b" " * len(found.group()), source)
    root = _PARSER.parse(readable).root_node
    parameters = _kernel_parameters(root)
    edits: list[Edit] = []
    for node in _walk(root):
        if node.type == "kernel_call_syntax":
            edits += _launch(node, parameters)
        elif node.type == "call_expression":
            edits += _plain_call(node, parameters)
        elif node.type == "declaration" and not _is_function(node):
            edits += _declaration(node)
    return _NOINLINE.sub(b"__attribute__((noinline))", _apply(source, edits))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _apply(source: bytes, edits: list[Edit]) -> bytes:
    """Make edits that lie apart from each other. What one replaces keeps its line breaks."""
    pieces, done = [], 0
    for begin, end, text in sorted(edits):
        breaks = source.count(b"\n", begin, end) - text.count("\n")
        pieces += [source[done:begin], text.encode(), b"\n" * breaks]
        done = end
    return b"".join([*pieces, source[done:]])


def _kernel_parameters(root: Node) -> dict[str, str]:
    """Return the names of each kernel's parameters, with commas between."""
    found = {}
    for node in _walk(root):
        if node.type in ("function_definition", "declaration") and _has(node, "__global__"):
            declarator = _inner(node, "function_declarator")
            if declarator is not None and (name := declarator.child_by_field_name("declarator")) is not None:
                found[_last_name(_text(name))] = ",".join(_parameter_names(declarator))
    return found


def _parameter_names(declarator: Node) -> list[str]:
    parameters = declarator.child_by_field_name("parameters")
    kinds = ("parameter_declaration", "optional_parameter_declaration")
    names = [_identifier(child) for child in parameters.children if child.type in kinds] if parameters else []
    return [_text(name) if name is not None else "" for name in names]


def _last_name(expression: str) -> str:
    """Return the plain name of what is launched: `needle::Scale<float>` gives `Scale`."""
    return expression.split("<")[0].split("::")[-1].strip(" ()*&")


def _inner(node: Node, kind: str) -> Node | None:
    """Return the declarator of a kind below a node, through pointers, arrays and initializers."""
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != kind:
        declarator = declarator.child_by_field_name("declarator")
    return declarator


def _identifier(declarator: Node) -> Node | None:
    """Return the name that a declarator declares."""
    if declarator.type in ("identifier", "field_identifier"):
        return declarator
    inner = declarator.child_by_field_name("declarator")
    if inner is None and declarator.type in ("parenthesized_declarator", "reference_declarator"):
        inner = next((child for child in declarator.named_children), None)
    return _identifier(inner) if inner is not None else None


def _has(node: Node, word: str) -> bool:
    """Say whether a declaration carries a qualifier."""
    return any(child.type == word or _text(child) == word for child in node.children)


def _is_function(node: Node) -> bool:
    return _inner(node, "function_declarator") is not None


def _launch(node: Node, parameters: dict[str, str]) -> list[Edit]:
    """Rewrite `kernel<<<grid, block>>>(a, b)`: a call of Launch, with a lambda that runs one thread."""
    call = node.parent
    kernel = call.child_by_field_name("function") if call is not None else None
    arguments = call.child_by_field_name("arguments") if call is not None else None
    if kernel is None or arguments is None:
        return []
    expression = _text(kernel)
    name = " ".join(expression.split())
    names = parameters.get(_last_name(expression), "")
    configuration = _text(node).removeprefix("<<<").removesuffix(">>>")
    head = (
        f'::cudasim::Launch("{name}", "{names}", [=](auto... cudasim_arguments) '
        f"{{ {expression}(cudasim_arguments...); }}, ::cudasim::Configuration({configuration})"
    )
    separator = ", " if arguments.named_child_count else ""
    return [(kernel.start_byte, arguments.start_byte + 1, head + separator)]


def _plain_call(node: Node, parameters: dict[str, str]) -> list[Edit]:
    """Let a kernel that is called like a function not compile, as on a device."""
    function = node.child_by_field_name("function")
    if function is None or any(child.type == "kernel_call_syntax" for child in node.children):
        return []
    if function.type not in ("identifier", "qualified_identifier", "template_function"):
        return []
    if _last_name(_text(function)) not in parameters:
        return []
    return [(function.start_byte, function.end_byte, _NO_CONFIGURATION)]


def _declaration(node: Node) -> list[Edit]:
    if _has(node, "__shared__"):
        return _shared(node)
    if any(_has(node, word) for word in ("__device__", "__constant__", "__managed__")):
        return _variables(node)
    return []


def _declarators(node: Node) -> list[Node]:
    return node.children_by_field_name("declarator")


def _base_type(node: Node, without: tuple[str, ...]) -> str:
    """Return what a declaration says before its first declarator, less some words."""
    first = _declarators(node)[0].start_byte
    words = [_text(child) for child in node.children if child.end_byte <= first]
    return " ".join(word for word in words if word not in without)


def _shared(node: Node) -> list[Edit]:
    """Rewrite `__shared__ float a[4], b;`: each becomes a reference to the block's memory."""
    if not _declarators(node):
        return []
    external = _has(node, "extern")
    base = _base_type(node, ("__shared__", "__device__", "extern", "static"))
    rewrite = _dynamic_array if external else _shared_variable
    inside = _is_inside_function(node)
    text = " ".join(rewrite(base, declarator, inside) for declarator in _declarators(node))
    return [(node.start_byte, node.end_byte, text)]


def _is_inside_function(node: Node) -> bool:
    parent = node.parent
    while parent is not None and parent.type not in ("function_definition", "lambda_expression"):
        parent = parent.parent
    return parent is not None


def _dynamic_array(base: str, declarator: Node, inside: bool) -> str:
    name = _identifier(declarator)
    named = _text(name) if name is not None else ""
    if not inside:
        return f'static const ::cudasim::DynamicShared<{base}> {named}{{"{named}"}};'
    memory = f'::cudasim::DynamicSharedMemory("{named}", sizeof({base}))'
    return f"{base} *{named} = static_cast<{base} *>({memory});"


def _shared_variable(base: str, declarator: Node, inside: bool) -> str:
    name = _identifier(declarator)
    if name is None or not inside or declarator.type == "init_declarator":
        return 'static_assert(false, "a __shared__ variable has no initial value, and stands in a kernel");'
    before = declarator.text[: name.start_byte - declarator.start_byte].decode()  # type: ignore[index]
    after = declarator.text[name.end_byte - declarator.start_byte :].decode()  # type: ignore[index]
    line = name.start_point.row + 1
    reference = f"(&{_text(name)})" if after else f"&{_text(name)}"
    return (
        f"{base} {before}{reference}{after} = "
        f'::cudasim::Shared<{base} {before}{after}>(__PRETTY_FUNCTION__, "{_text(name)}", {line});'
    )


def _variables(node: Node) -> list[Edit]:
    """Make __device__ and __constant__ variables known, behind their declaration: each file has its own."""
    if _has(node, "extern") or _is_inside_function(node):
        return []
    constant = "true" if _has(node, "__constant__") else "false"
    names = [_text(name) for each in _declarators(node) if (name := _identifier(each)) is not None]
    text = "".join(
        f" static const ::cudasim::Variable cudasim_{name}_variable("
        f'&{name}, sizeof({name}), "{name}", {constant});'
        for name in names
    )
    linkage = "" if _has(node, "static") or _has(node, "inline") else "static "
    return [(node.start_byte, node.start_byte, linkage), (node.end_byte, node.end_byte, text)]


class Translation:
    """One source and the headers that it includes."""

    def __init__(self, output: Path):
        self.output = output
        self.read: list[Path] = []
        self.written: dict[Path, Path] = {}

    def file(self, path: Path, output: Path) -> None:
        source = path.read_bytes()
        self.read.append(path)
        self.written[path] = output
        text = _INCLUDE.sub(lambda found: self._include(found, path), translate(source))
        line = f'#line 1 "{path}"\n'  # the first one names the file in debug information
        head = "" if path.suffix in (".h", ".cuh", ".hpp") else f"{line}#include <cuda_runtime.h>\n"
        output.write_bytes((head + line).encode() + text)

    def _include(self, found: re.Match[bytes], path: Path) -> bytes:
        """Return an include of the translated header, if it needs translation or includes one that does."""
        header = path.parent / found.group(1).decode()
        if not header.is_file() or not (header in self.written or self._needs(header, set())):
            return found.group()
        if header not in self.written:
            name = f"{self.output.stem}.{len(self.written)}.{header.name}"
            self.file(header, self.output.parent / name)
        return f'#include "{self.written[header].resolve()}"'.encode()

    def _needs(self, header: Path, seen: set[Path]) -> bool:
        seen.add(header)
        source = header.read_bytes()
        if translate(source) != source:
            return True
        inner = [header.parent / found.group(1).decode() for found in _INCLUDE.finditer(source)]
        return any(self._needs(each, seen) for each in inner if each.is_file() and each not in seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--depfile", type=Path, help="write what the output depends on, as make reads it")
    options = parser.parse_args()
    translation = Translation(options.output)
    translation.file(options.source.resolve(), options.output)
    if options.depfile:
        read = " ".join(str(path).replace(" ", "\\ ") for path in translation.read)
        options.depfile.write_text(f"{options.output}: {read}\n")


if __name__ == "__main__":
    main()
