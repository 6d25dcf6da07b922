#include "proto/errors/guarded_main.h"

#include <cstdio>
#include <exception>
#include <string_view>

#include "proto/errors/reasons.h"

namespace enlace {
namespace {

constexpr int kExitFailed = 1;

void Print(std::string_view text) noexcept { std::fwrite(text.data(), 1, text.size(), stderr); }

void Tell(std::string_view what) noexcept {
  const ReasonRow& row = RowOf(Reason::kInternal);
  for (const std::string_view part :
       {row.name, std::string_view("  "), row.text_en, std::string_view(" "), row.text_es,
        std::string_view(" ("), what, std::string_view(")\n")}) {
    Print(part);
  }
}

}  // namespace

int GuardedMain(int (*program)(int argc, char** argv), int argc, char** argv) noexcept {
  try {
    return program(argc, argv);
  } catch (const std::exception& uncaught) {
    Tell(uncaught.what());
  } catch (...) {
    Tell("unknown exception");
  }
  return kExitFailed;
}

}  // namespace enlace
