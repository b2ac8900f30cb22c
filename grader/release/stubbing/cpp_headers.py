"""Which names the standard headers give, for those that a solution is likely to need alone.

A header that is not here is never dropped; one that is here must list every name that anybody uses from it.
"""

_MATH = """
abs acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim
floor fma fmax fmin fmod fpclassify frexp hypot ilogb isfinite isgreater isgreaterequal isinf isless
islessequal islessgreater isnan isnormal isunordered ldexp lerp lgamma llrint llround log log10 log1p log2
logb lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn
signbit sin sinh sqrt tan tanh tgamma trunc acosf asinf atanf atan2f cbrtf ceilf copysignf cosf coshf erff
expf exp2f expm1f fabsf floorf fmaf fmaxf fminf fmodf log10f log1pf log2f logf powf roundf rsqrtf sinf sinhf
sqrtf tanf tanhf truncf FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO HUGE_VAL HUGE_VALF INFINITY NAN
M_PI M_E M_SQRT2 M_LN2 float_t double_t
"""
_MEMORY_BLOCKS = """
memchr memcmp memcpy memmove memset strcat strchr strcmp strcoll strcpy strcspn strerror strlen strncat
strncmp strncpy strpbrk strrchr strspn strstr strtok strxfrm
"""
_ALGORITHMS = """
adjacent_find all_of any_of binary_search clamp copy copy_backward copy_if copy_n count count_if equal
equal_range fill fill_n find find_end find_first_of find_if find_if_not for_each for_each_n generate
generate_n includes inplace_merge is_heap is_heap_until is_partitioned is_permutation is_sorted
is_sorted_until iter_swap lexicographical_compare lower_bound make_heap max max_element merge min
min_element minmax minmax_element mismatch move_backward next_permutation none_of nth_element partial_sort
partial_sort_copy partition partition_copy partition_point pop_heap prev_permutation push_heap remove
remove_copy remove_copy_if remove_if replace replace_copy replace_copy_if replace_if reverse reverse_copy
rotate rotate_copy sample search search_n set_difference set_intersection set_symmetric_difference set_union
shift_left shift_right shuffle sort sort_heap stable_partition stable_sort swap_ranges transform unique
unique_copy upper_bound ranges
"""
_NUMERIC = """
accumulate adjacent_difference exclusive_scan gcd inclusive_scan inner_product iota lcm midpoint partial_sum
reduce transform_exclusive_scan transform_inclusive_scan transform_reduce
"""
_UTILITY = """
as_const declval exchange forward get in_place index_sequence integer_sequence make_index_sequence make_pair
move move_if_noexcept pair piecewise_construct rel_ops swap tuple_element tuple_size cmp_equal cmp_less
cmp_greater
"""
_RANDOM = """
bernoulli_distribution binomial_distribution cauchy_distribution default_random_engine discrete_distribution
exponential_distribution gamma_distribution generate_canonical geometric_distribution knuth_b
linear_congruential_engine lognormal_distribution minstd_rand minstd_rand0 mt19937 mt19937_64
normal_distribution poisson_distribution random_device ranlux24 ranlux48 seed_seq uniform_int_distribution
uniform_real_distribution
"""

_TABLE = {
    "algorithm": _ALGORITHMS,
    "array": "array to_array get tuple_element tuple_size",
    "cmath": _MATH,
    "cstring": _MEMORY_BLOCKS,
    "limits": "numeric_limits float_round_style float_denorm_style",
    "math.h": _MATH,
    "numeric": _NUMERIC,
    "random": _RANDOM,
    "string.h": _MEMORY_BLOCKS,
    "utility": _UTILITY,
    "vector": "vector",
}

NAMES_OF_HEADER = {header: frozenset(names.split()) for header, names in _TABLE.items()}
