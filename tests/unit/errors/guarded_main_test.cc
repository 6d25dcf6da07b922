// What a program's outermost function does with an exception that nobody caught.
#include "proto/errors/guarded_main.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace enlace {
namespace {

TEST(GuardedMain, GivesBackWhatTheProgramReturns) {
  char name[] = "program";
  char* arguments[] = {name, nullptr};
  const auto program = [](int argc, char** argv) {
    return argc == 1 && std::string(argv[0]) == "program" ? 7 : 0;
  };
  EXPECT_EQ(GuardedMain(program, 1, arguments), 7);
}

TEST(GuardedMain, TellsAnExceptionAndFails) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(
      GuardedMain([](int, char**) -> int { throw std::runtime_error("no space"); }, 0, nullptr), 1);
  const std::string told = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(told.rfind("INTERNAL  ", 0), 0u) << told;
  EXPECT_NE(told.find("(no space)\n"), std::string::npos) << told;
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(GuardedMain([](int, char**) -> int { throw 1; }, 0, nullptr), 1);
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("unknown exception"), std::string::npos);
}

}  // namespace
}  // namespace enlace
