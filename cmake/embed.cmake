# embed_files(OUT "LIBRARY" file...): an assembler source that holds the bytes of the files, given by paths relative to
# the source folder, and, after them, of lib<LIBRARY>.a if a name is given; and the table of them (Embedded in compiler/embed.h). The assembler's .incbin reads the files at
# build time, so no tool is needed, and a changed file costs one assembler run. For 64-bit ELF hosts.
function(embed_files out library)
  set(files ${ARGN})
  list(SORT files)
  if(library)
    list(APPEND files lib${library}.a)
  endif()
  set(n 0)
  foreach(f IN LISTS files)
    set(at "${CMAKE_SOURCE_DIR}/${f}")
    if(f STREQUAL "lib${library}.a")
      set(at "${CMAKE_BINARY_DIR}/${f}")
    endif()
    string(APPEND bytes "path_${n}: .asciz \"${f}\"\n.balign 16\nfile_${n}: .incbin \"${at}\"\n"
                        "end_${n}: .byte 0\n")
    string(APPEND rows "  .quad path_${n}, file_${n}, end_${n} - file_${n}\n")
    list(APPEND deps "${at}")
    math(EXPR n "${n} + 1")
  endforeach()
  string(CONCAT text ".section .rodata\n${bytes}"
                     ".section .data.rel.ro, \"aw\"\n.balign 8\n.global embed_table\nembed_table:\n${rows}  .quad 0, 0, 0\n"
                     ".global embed_length\nembed_length: .long ${n}\n"
                     ".section .note.GNU-stack, \"\", %progbits\n")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/embed_table.S CONTENT "${text}" @ONLY)
  set_source_files_properties(${CMAKE_BINARY_DIR}/embed_table.S PROPERTIES OBJECT_DEPENDS "${deps}")
  set(${out} ${CMAKE_BINARY_DIR}/embed_table.S PARENT_SCOPE)
endfunction()
