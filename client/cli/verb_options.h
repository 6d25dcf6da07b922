// The command line of the workflow verbs.
//
// Thread safety: one thread, while the command line is read.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "client/cli/commands.h"

namespace enlace::client {

// Adds ack, accept, assign and the others to `cli`. The one that the command line names fills
// `options`, and `chosen` is called.
void AddVerbs(CLI::App& cli, VerbOptions& options, const std::function<void()>& chosen);

}  // namespace enlace::client
