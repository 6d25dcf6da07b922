# Generated C++ of our protos.
include_guard(GLOBAL)

set(ENLACE_PROTO_ROOT ${CMAKE_SOURCE_DIR}/proto)
# All generated sources, for tools that read the sources without building them.
add_custom_target(enlace_generated)

# enlace_proto_library(NAME SRCS a.proto ... [DEPS target ...] [GRPC]): a static library of the generated messages
# and, with GRPC, of the service stubs. SRCS are relative to proto/, which is also the root of proto imports and of
# C++ includes ("enlace/alert/v1/alert.pb.h"). The includes are SYSTEM, so our warnings do not judge generated code.
function(enlace_proto_library name)
  cmake_parse_arguments(ARG "GRPC" "" "SRCS;DEPS" ${ARGN})
  set(out_root ${CMAKE_BINARY_DIR}/generated/proto)
  file(MAKE_DIRECTORY ${out_root})
  set(generated)
  foreach(src ${ARG_SRCS})
    string(REGEX REPLACE "\\.proto$" "" stem ${src})
    set(outputs ${out_root}/${stem}.pb.cc ${out_root}/${stem}.pb.h)
    set(arguments --proto_path=${ENLACE_PROTO_ROOT} --cpp_out=${out_root})
    set(plugin)
    if(ARG_GRPC)
      list(APPEND outputs ${out_root}/${stem}.grpc.pb.cc ${out_root}/${stem}.grpc.pb.h)
      list(APPEND arguments --grpc_out=${out_root}
           --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>)
      set(plugin gRPC::grpc_cpp_plugin)
    endif()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND protobuf::protoc ${arguments} ${ENLACE_PROTO_ROOT}/${src}
      DEPENDS ${ENLACE_PROTO_ROOT}/${src} protobuf::protoc ${plugin}
      COMMENT "protoc ${src}"
      VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${name} STATIC ${generated})
  set_target_properties(${name} PROPERTIES UNITY_BUILD OFF)
  add_custom_target(${name}_sources DEPENDS ${generated})
  add_dependencies(enlace_generated ${name}_sources)
  target_include_directories(${name} SYSTEM PUBLIC ${out_root})
  target_compile_options(${name} PRIVATE -w)
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} protobuf::libprotobuf)
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()
