# cudasim_add_sources(target kernels.cu ...): compile CUDA sources for this machine's processor, and add them
# to a target together with cudasim itself. Sources of the target can include <cuda_runtime.h>.
#
# Python_EXECUTABLE must name a Python that has tree-sitter and tree-sitter-cuda.
set(cudasim_folder "${CMAKE_CURRENT_LIST_DIR}")

# What makes the compiler put a call before each load and store, and lets none be moved away from its line.
set(cudasim_options -fsanitize=thread,alignment -O1 -gdwarf-4 -fno-omit-frame-pointer -Wno-unknown-pragmas)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND cudasim_options -Wno-tsan -fno-tree-loop-im -fno-tree-pre -fno-tree-sink -fno-if-conversion)
endif()

function(cudasim_add_sources target)
  file(GLOB runtime CONFIGURE_DEPENDS "${cudasim_folder}/*.cc")
  target_sources(${target} PRIVATE ${runtime})
  set_source_files_properties(${runtime} PROPERTIES COMPILE_OPTIONS "-O2;-fno-omit-frame-pointer")
  target_include_directories(${target} PRIVATE "${cudasim_folder}/include")
  target_compile_definitions(${target} PRIVATE CUDASIM)
  target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
  foreach(source IN LISTS ARGN)
    get_filename_component(source "${source}" ABSOLUTE)
    get_filename_component(folder "${source}" DIRECTORY)
    get_filename_component(name "${source}" NAME)
    set(translated "${CMAKE_CURRENT_BINARY_DIR}/cudasim/${target}/${name}.cc")
    file(MAKE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/cudasim/${target}")
    add_custom_command(
      OUTPUT "${translated}"
      COMMAND "${Python_EXECUTABLE}" "${cudasim_folder}/translate.py" "${source}" "${translated}" --depfile
              "${translated}.d"
      DEPENDS "${source}" "${cudasim_folder}/translate.py"
      DEPFILE "${translated}.d"
      COMMENT "Translating ${name} for cudasim"
      VERBATIM)
    set_source_files_properties("${translated}" PROPERTIES COMPILE_OPTIONS "${cudasim_options};-I${folder}")
    target_sources(${target} PRIVATE "${translated}")
  endforeach()
endfunction()
