"""Stubs in C++ and CUDA files."""

from textwrap import dedent

import pytest

from grader.release.stubbing.cpp_stubs import stub_cpp

THROW = 'throw std::logic_error("not started: hw9/q");'


def stubbed(source: str, *symbols: str, omit: tuple[str, ...] = (), suffix: str = ".cu") -> str:
    return stub_cpp(dedent(source).lstrip("\n"), dict.fromkeys(symbols, "hw9/q"), omit, suffix).text


def test_a_host_function_throws_and_a_kernel_is_empty() -> None:
    source = """
    #include <string>

    // Add.
    __global__ void AddKernel(float *x) {
      x[0] += 1;  // secret
    }

    /// Launch.
    void Add(float *x)
    {
      // secret
      AddKernel<<<1, 2>>>(x);
    }
    """
    assert stubbed(source, "Add", "AddKernel") == dedent(
        f"""
        #include <stdexcept>
        #include <string>

        // Add.
        __global__ void AddKernel(float *x) {{}}

        /// Launch.
        void Add(float *x)
        {{
          {THROW}
        }}
        """
    ).lstrip("\n")


@pytest.mark.parametrize(
    ("name", "definition"),
    [
        ("plain", "int plain(int x) BODY"),
        ("a::b::nested", "namespace a::b { int nested() BODY }"),
        ("a::b::inner", "namespace a { namespace { namespace b { int inner() BODY } } }"),
        ("S::method", "struct S { int method() const noexcept BODY };"),
        ("n::S::method", "namespace n { int S::method() BODY }"),
        ("S::operator[]", "struct S { float operator[](int i) const BODY };"),
        ("S::~S", "struct S { ~S() BODY };"),
        ("S::S", "struct S { S(int n) BODY };"),
        ("any", "template <typename T>\nT *any(T x) BODY"),
        ("any", "template <> float &any<float>(float x) BODY"),
        ("L::push", "template <class T> void L<T>::push(T x) BODY"),
        ("trailing", "auto trailing(int x) -> int BODY"),
        ("c_function", 'extern "C" { void c_function() BODY }'),
        ("guarded", "#ifdef X\nvoid guarded() BODY\n#endif"),
    ],
)
def test_a_function_is_found_by_its_namespaces_and_classes(name: str, definition: str) -> None:
    source = "#include <stdexcept>\n" + definition.replace("BODY", "{ return 1; }") + "\n"
    assert stubbed(source, name) == source.replace("{ return 1; }", f"{{ {THROW} }}")


def test_all_overloads_of_a_name_become_stubs() -> None:
    text = stubbed("int f(int x) { return x; }\nfloat f(float x) { return x; }\n", "f")
    assert text.count(THROW) == 2


def test_a_constructors_initializers_go_with_its_body() -> None:
    text = stubbed("struct S {\n  S(int n) : size(n * 2) { fill(size); }\n  int size;\n};\n", "S::S")
    assert "n * 2" not in text
    assert f"  S(int n) {{ {THROW} }}\n" in text


def test_what_only_the_bodies_used_goes_with_the_comments_attached_to_it() -> None:
    source = """
    #include <cmath>
    #include <cstddef>
    #include <algorithm>

    namespace tiny {

    using std::min;
    using std::max;

    // three
    static const int kThree = 3;  // yes
    static const int kGiven = 4;

    namespace {
    // helps
    int Help(int x) { return Again(x); }
    int Again(int x) { return Help(x) + min(1, kThree); }
    }  // namespace

    // A heading that belongs to nothing.

    // one element
    __device__ float One(float x) { return x; }

    __global__ void Kernel(float *x) {
      x[0] = One(x[0]);
    }

    static int Idle() { return std::exp(1); }

    int F() { return Help(std::exp(1)) + Launch<<<1, 2>>>(Kernel); }

    int Given() { return max(kGiven, 1); }

    }  // namespace tiny
    """
    assert stubbed(source.replace("std::exp(1); }\n\n    int F", "1; }\n\n    int F"), "tiny::F") == dedent(
        f"""
        #include <cstddef>
        #include <algorithm>
        #include <stdexcept>

        namespace tiny {{

        using std::max;

        static const int kGiven = 4;

        // A heading that belongs to nothing.

        static int Idle() {{ return 1; }}

        int F() {{ {THROW} }}

        int Given() {{ return max(kGiven, 1); }}

        }}  // namespace tiny
        """
    ).lstrip("\n")
    assert "#include <cmath>" in stubbed(source, "tiny::F")


def test_functions_that_others_may_call_stay_and_go_when_omitted() -> None:
    source = "#define SIZE 3\nint Help() { return 1; }\n\nint F() { return Help() + SIZE; }\n"
    assert "int Help() { return 1; }" in stubbed(source, "F")
    text = stubbed(source, "F", omit=("Help", "SIZE"))
    assert "Help" not in text
    assert "SIZE" not in text


def test_constants_stay_in_a_header_and_go_from_a_source_file() -> None:
    source = "constexpr int kSize = 3;\nusing Row = float;\n\ninline Row F() { return kSize; }\n"
    assert "kSize" in stubbed(source, "F", suffix=".h")
    assert "kSize" not in stubbed(source, "F", suffix=".cc")
    assert "using Row" in stubbed(source, "F", suffix=".cc"), "the signature uses it"


def test_an_omitted_name_that_is_still_used_is_told_with_its_line() -> None:
    result = stub_cpp(
        "int Help();\nint F() { return Help(); }\nint G() { return Help(); }\n", {"F": "q"}, ["Help"]
    )
    assert [(one.name, one.line) for one in result.still_used] == [("Help", 3)]


def test_unknown_and_unreadable_symbols_are_reported() -> None:
    result = stub_cpp("int Declared();\nint F() { return ((; }\n", {"Declared": "q", "F": "q"}, ["gone"])
    assert result.missing == ["Declared", "gone"]
    assert [(one.name, one.line) for one in result.unread] == [("F", 2)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "#include <a.h>\n\n#include <map>\n#include <vector>\n",
            "#include <map>\n#include <stdexcept>\n#include <vector>",
        ),
        ("#include <vector>\n", "#include <stdexcept>\n#include <vector>"),
        ("// About.\n#pragma once\n", "// About.\n#pragma once\n#include <stdexcept>\n"),
        ("#include <stdexcept>\n", "#include <stdexcept>\nint"),
    ],
)
def test_the_header_of_the_exception_is_included_once_in_its_place(before: str, after: str) -> None:
    text = stubbed(before + "int F() { return 1; }\n", "F")
    assert after in text
    assert text.count("<stdexcept>") == 1
