// How the fast kernels of any backend take their arguments from Python and give their results back, in well
// under a microsecond: plain CPython calls by position, with pybind11's arrays.
//
//   PyObject *Negate(ArgumentsFor<Backend> &in) {
//     const auto a = in.NextShapedView();
//     auto out = std::make_unique<Backend::Array>(in.Count(a.shape));
//     ...
//     return GiveArray(std::move(out));
//   }
//   DefineFast<Negate, 4>(module, "negate");
//
// Whatever is wrong is thrown and becomes the Python exception that pybind11 makes of it.
//
// A Backend is a class that is never made, with
//   Array                             the module's
//   Use(array)                        said of each array that a call takes
//   Run(elements, work)               calls work(), whose kernels go over so many elements
//   Copy(from, count, to, where)      and
//   Read(number, where)               of what kernels wrote; `where` opens an error's text
//   kLeavesWrongIndicesOut            whether kernels can do with indices that are wrong
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "../ndarray_checks.h"

namespace needle::fast {

namespace py = pybind11;

constexpr int kMostDims = 32;

/// A shape, strides or axes.
struct Dims {
  int size;
  int64_t at[kMostDims];
};

/// An array, and where a view of it lies. Only a view that holds something has a first element.
template <class Array>
struct ArrayView {
  Array *array;
  Dims strides;
  int64_t offset;

  float *First() const { return array->ptr + offset; }
};

/// Two views of one shape.
template <class Array>
struct ViewPair {
  ArrayView<Array> a, b;
  Dims shape;
};

template <class Array>
struct ShapedView {
  Array *array;
  Dims shape, strides;
  int64_t offset;

  float *First() const { return array->ptr + offset; }
};

/// The arguments of one call, taken one after the other.
template <class Backend>
class ArgumentsFor {
 public:
  using Array = typename Backend::Array;

  ArgumentsFor(PyObject *function, PyObject *const *values, Py_ssize_t found, Py_ssize_t expected)
      : function_(function), next_(values) {
    if (found != expected)
      throw py::type_error(Where() + ": " + std::to_string(found) + " arguments. Expected " +
                           std::to_string(expected) + ", by position. See where NDArray calls it.");
  }

  std::string Where() const { return Name(); }

  Array &NextArray(const char *name) {
    PyObject *value = *next_++;
    static PyTypeObject *const type = reinterpret_cast<PyTypeObject *>(py::type::of<Array>().inc_ref().ptr());
    if (Py_TYPE(value) == type) {  // then the pointer's place in the object is known
      auto *instance = reinterpret_cast<py::detail::instance *>(value);
      if (instance->simple_layout && instance->simple_value_holder[0] != nullptr) {
        Array &array = *static_cast<Array *>(instance->simple_value_holder[0]);
        Backend::Use(array);
        return array;
      }
    }
    throw py::type_error(Where() + ": " + name + " is a " + Py_TYPE(value)->tp_name +
                         ". Expected this module's Array. Pass an NDArray's handle.");
  }

  Dims NextDims(const char *name) {
    PyObject *value = *next_++;
    if (!PyTuple_Check(value))
      throw py::type_error(Where() + ": " + name + " is a " + Py_TYPE(value)->tp_name +
                           ". Expected a tuple of int. Pass tuple(" + name + ").");
    const Py_ssize_t size = PyTuple_GET_SIZE(value);
    if (size > kMostDims)
      throw py::value_error(Where() + ": " + name + " has " + std::to_string(size) +
                            " dimensions. Expected at most " + std::to_string(kMostDims) +
                            ". Reshape the array first.");
    Dims dims;
    dims.size = static_cast<int>(size);
    for (int i = 0; i < dims.size; ++i) dims.at[i] = ToInt(PyTuple_GET_ITEM(value, i), name);
    return dims;
  }

  int64_t NextInt(const char *name) { return ToInt(*next_++, name); }

  float NextFloat() {
    const double value = PyFloat_AsDouble(*next_++);
    if (value == -1.0 && PyErr_Occurred()) throw py::error_already_set();
    return static_cast<float>(value);
  }

  /// Take an array that holds so many numbers.
  const float *NextNumbers(const char *name, size_t count) {
    const Array &array = NextArray(name);
    RequireSize(Name(), name, array.size, count);
    return array.ptr;
  }

  /// Take a view whose shape is still to come, and to be checked.
  ArrayView<Array> NextView(const char *name, const char *strides_name, const char *offset_name) {
    return {&NextArray(name), NextDims(strides_name), NextInt(offset_name)};
  }

  /// Take the array a and a view of it: shape, strides and offset.
  ShapedView<Array> NextShapedView() {
    ShapedView<Array> a = {&NextArray("a"), NextDims("shape"), NextDims("strides"), NextInt("offset")};
    RequireView("a", *a.array, a.shape, a.strides, a.offset);
    return a;
  }

  /// Take the array a, strides and offset, a second array with its own, and the shape of both.
  ViewPair<Array> NextPair(const char *second, const char *strides_name, const char *offset_name) {
    ViewPair<Array> pair = {NextView("a", "a_strides", "a_offset"),
                            NextView(second, strides_name, offset_name), NextDims("shape")};
    RequireView("a", pair.a, pair.shape);
    RequireView(second, pair.b, pair.shape);
    return pair;
  }

  void RequireView(const char *name, const ArrayView<Array> &view, const Dims &shape) const {
    RequireView(name, *view.array, shape, view.strides, view.offset);
  }

  /// Throw unless the view lies inside the array and has a stride for every axis.
  void RequireView(const char *name, const Array &array, const Dims &shape, const Dims &strides,
                   int64_t offset) const {
    if (strides.size != shape.size) throw py::value_error(MismatchText(name, strides.size, shape.size));
    RequireInside(Name(), array.size, static_cast<size_t>(shape.size), shape.at, strides.at, offset);
  }

  /// Return how many elements the shape has, and throw where no memory could hold them.
  size_t Count(const Dims &shape) const {
    return CountElements(Name(), static_cast<size_t>(shape.size), shape.at);
  }

 private:
  const char *Name() const { return PyUnicode_AsUTF8(function_); }

  int64_t ToInt(PyObject *value, const char *name) const {
    const long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      throw py::type_error(Where() + ": " + name + " holds a " + Py_TYPE(value)->tp_name +
                           ". Expected an int of 64 bits. Pass int(value).");
    }
    return number;
  }

  std::string MismatchText(const char *name, int strides, int dimensions) const {
    return Where() + ": " + name + " has " + std::to_string(strides) + " strides for " +
           std::to_string(dimensions) + " dimensions. Expected one each. Pass both of the same view.";
  }

  PyObject *function_;  // its name, a str
  PyObject *const *next_;
};

/// Return the strides, in elements, of an array of that shape that is compact and row-major.
inline Dims CompactStrides(const Dims &shape) {
  Dims strides = shape;
  int64_t stride = 1;
  for (int axis = shape.size; axis-- > 0; stride *= shape.at[axis]) strides.at[axis] = stride;
  return strides;
}

/// Return whether two views of a shape that holds something might share an element.
template <class Array>
bool MayOverlap(const ArrayView<Array> &a, const ArrayView<Array> &b, const Dims &shape) {
  const float *begin_a = a.First(), *end_a = begin_a + 1, *begin_b = b.First(), *end_b = begin_b + 1;
  for (int axis = 0; axis < shape.size; ++axis) {
    const int64_t last = shape.at[axis] - 1, reach_a = last * a.strides.at[axis];
    const int64_t reach_b = last * b.strides.at[axis];
    (reach_a < 0 ? begin_a : end_a) += reach_a;
    (reach_b < 0 ? begin_b : end_b) += reach_b;
  }
  return begin_a < end_b && begin_b < end_a;
}

/// Return a Python object that owns the array.
template <class Array>
PyObject *GiveArray(std::unique_ptr<Array> array) {
  return py::cast(std::move(array)).release().ptr();
}

inline PyObject *GiveNone() {
  return py::none().release().ptr();
}

/// Make the kind of arguments that the entry takes.
template <class In>
In MakeArguments(PyObject *(*)(In &), PyObject *function, PyObject *const *values, Py_ssize_t found,
                 int count) {
  return In(function, values, found, count);
}

/// Call entry(arguments) for Python, and turn what it throws into a Python exception.
template <auto entry, int count>
PyObject *Call(PyObject *function, PyObject *const *values, Py_ssize_t found) {
  try {
    auto in = MakeArguments(entry, function, values, found, count);
    return entry(in);
  } catch (py::error_already_set &error) {
    error.restore();
  } catch (...) {
    py::detail::try_translate_exceptions();
  }
  return nullptr;
}

/// Give the module a function of that name, which takes `count` arguments by position.
template <auto entry, int count>
void DefineFast(py::module_ &module, const char *name) {
  using FastCall = PyObject *(*)(PyObject *, PyObject *const *, Py_ssize_t);
  const FastCall call = Call<entry, count>;
  // Python keeps pointers to the definition and to the name for as long as the function lives, which is to
  // the process's end.
  const auto *kept = new std::string(name);
  auto *definition =
      new PyMethodDef{kept->c_str(), reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call)),
                      METH_FASTCALL, nullptr};
  module.add_object(name, py::reinterpret_steal<py::object>(PyCFunction_NewEx(
                              definition, py::str(name).ptr(), module.attr("__name__").ptr())));
}

}  // namespace needle::fast
