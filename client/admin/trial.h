// enlace-admin trial: a whole RCM on this machine, made by the real programs.
//
// Runs deploy-like steps as a person would, each as its own process with its own profile below one
// folder: a server on loopback, a charter signed by the Secretariat's key, authorities with their
// CAs and first administrators, offices, and officers who join by invitation. Nothing in it is a
// shortcut: the words are compared by file, as in person.
//
// Thread safety: one thread. Ownership: leaves the server running; its process id stands in the
// folder.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "client/admin/admin_context.h"

namespace enlace::client::admin {

struct TrialOptions {
  std::string folder;  // New or empty.
  // Two countries with one officer each instead of the five members, two organisations and their
  // offices.
  bool small = false;
};

// FILE_EXISTS when the folder is not empty, and what a step of it says.
absl::Status Trial(AdminContext& context, const TrialOptions& options);

}  // namespace enlace::client::admin
