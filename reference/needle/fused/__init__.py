"""Kernels that do in one call what a taught method composes of many ops; never released."""

from needle.fused.dispatch import composed
