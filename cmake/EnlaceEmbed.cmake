# Writes a file's bytes as a C++ array. Run as a script: cmake -DINPUT=f -DOUTPUT=o.cc -DNAME=kName -DNAMESPACE=ns -P this
file(READ ${INPUT} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "((0x..,){20})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <cstddef>\n\nnamespace ${NAMESPACE} {\nextern const unsigned char ${NAME}[];\nextern const size_t ${NAME}Size;\nconst unsigned char ${NAME}[] = {\n${bytes}\n};\nconst size_t ${NAME}Size = ${size};\n}  // namespace ${NAMESPACE}\n")
