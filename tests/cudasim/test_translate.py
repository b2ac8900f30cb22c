"""The translator changes CUDA's own syntax, leaves the rest alone, and keeps every line where it was."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

TRANSLATOR = Path(__file__).parent.parent.parent / "src" / "cudasim" / "translate.py"


@pytest.fixture(scope="module")
def translator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cudasim_translate", TRANSLATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def translated(translator: ModuleType, source: str) -> str:
    text: str = translator.translate(source.encode()).decode()
    assert text.count("\n") == source.count("\n")
    return text


def test_plain_cpp_stays_as_it_is(translator: ModuleType) -> None:
    source = "#include <vector>\nint f(int a, int b) { return a << 3 >> b; }  // <<<1, 2>>>(x)\n"
    assert translated(translator, source) == source


def test_a_launch_over_several_lines_keeps_the_lines_behind_it(translator: ModuleType) -> None:
    source = (
        "void f(float *a) {\n  Scale<float>\n    <<<1,\n      dim3(4, 4)>>>(a,\n        3);\n  here();\n}\n"
    )
    lines = translated(translator, source).splitlines()
    assert lines[5] == "  here();"
    assert '::cudasim::Launch("Scale<float>"' in lines[1]


def test_a_launch_names_the_parameters_of_a_kernel_that_the_file_defines(translator: ModuleType) -> None:
    kernel = "template <class T> __global__ void K(const T *a, T *out, int n = 3, int) {}\n"
    source = kernel + "void f() { ns::K<int><<<1, 2>>>(a, b); }"
    assert '::cudasim::Launch("ns::K<int>", "a,out,n,"' in translated(translator, source)


def test_a_kernel_called_like_a_function_does_not_compile(translator: ModuleType) -> None:
    text = translated(translator, "__global__ void K(int) {}\nvoid f() { ns::K(3); g(K); K<<<1, 1>>>(3); }")
    assert "::cudasim::a_kernel_is_started_with_triple_angle_brackets(3); g(K); ::cudasim::Launch" in text


def test_noinline_becomes_an_attribute_unless_it_is_one(translator: ModuleType) -> None:
    text = translated(translator, "__noinline__ void f();\nvoid g() __attribute__((__noinline__));\n")
    assert text == "__attribute__((noinline)) void f();\nvoid g() __attribute__((__noinline__));\n"


def test_launches_inside_arguments_of_each_other_are_told_apart(translator: ModuleType) -> None:
    text = translated(translator, "void f() { if (x) A<<<1, 2>>>(); else B<<<g(3), 4, 5, s>>>(h(1, 2)); }")
    assert "Configuration(1, 2))" in text
    assert "Configuration(g(3), 4, 5, s), h(1, 2))" in text


def test_shared_arrays_become_references_to_the_blocks_memory(translator: ModuleType) -> None:
    text = translated(translator, "__global__ void K() {\n  __shared__ __align__(16) float a[2][3], b;\n}\n")
    assert 'float (&a)[2][3] = ::cudasim::Shared<float [2][3]>(__PRETTY_FUNCTION__, "a", 2);' in text
    assert 'float &b = ::cudasim::Shared<float >(__PRETTY_FUNCTION__, "b", 2);' in text


def test_a_shared_variable_with_an_initial_value_does_not_compile(translator: ModuleType) -> None:
    assert "static_assert(false, " in translated(translator, "__global__ void K() { __shared__ int a = 3; }")


def test_an_extern_shared_array_is_a_pointer_in_a_kernel_and_an_object_outside(
    translator: ModuleType,
) -> None:
    source = "extern __shared__ int a[];\n__global__ void K() { extern __shared__ float b[]; }\n"
    text = translated(translator, source)
    assert 'static const ::cudasim::DynamicShared<int> a{"a"};' in text
    assert 'float *b = static_cast<float *>(::cudasim::DynamicSharedMemory("b", sizeof(float)));' in text


def test_device_variables_are_made_known_and_belong_to_their_file(translator: ModuleType) -> None:
    text = translated(translator, "__device__ int a[3] = {1}, b;\nstatic __constant__ float c;\nint d;\n")
    assert text.startswith("static __device__ int a[3] = {1}, b;")
    assert text.count("::cudasim::Variable") == 3
    assert text.endswith("int d;\n")


def test_headers_are_translated_only_if_they_hold_or_include_such_syntax(tmp_path: Path) -> None:
    (tmp_path / "plain.h").write_text("int plain();\n")
    (tmp_path / "inner.cuh").write_text("#pragma once\n__global__ void K() { __shared__ int a; }\n")
    (tmp_path / "outer.h").write_text('#pragma once\n#include "inner.cuh"\n')
    (tmp_path / "a.cu").write_text('#include "plain.h"\n#include "outer.h"\n#include "inner.cuh"\nint x;\n')
    output, dependencies = tmp_path / "out" / "a.cc", tmp_path / "out" / "a.d"
    output.parent.mkdir()
    command = [sys.executable, TRANSLATOR, tmp_path / "a.cu", output, "--depfile", dependencies]
    subprocess.run(command, check=True)
    lines = output.read_text().splitlines()
    assert '#include "plain.h"' in lines
    assert sum("inner.cuh" in line or "outer.h" in line for line in lines) == 2
    assert lines[lines.index(f'#line 1 "{(tmp_path / "a.cu").resolve()}"', 1) + 4] == "int x;"
    assert all(name in dependencies.read_text() for name in ("a.cu", "outer.h", "inner.cuh"))
