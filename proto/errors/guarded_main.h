// The outermost function of every program: what nobody caught is told and becomes an exit code.
//
// Thread safety: free function.
#pragma once

namespace enlace {

// What `program` returns. 1 after an exception, which is told on standard error as INTERNAL, in
// both languages since none is known here.
int GuardedMain(int (*program)(int argc, char** argv), int argc, char** argv) noexcept;

}  // namespace enlace
