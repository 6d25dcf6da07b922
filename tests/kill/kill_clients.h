// The writers and readers of the kill test, each to be run on a thread of its own.
//
// A writer sends one message, or one batch, after the other and repeats each attempt, byte for
// byte, until it is answered. A reader follows its inbox, confirms what it has written down, and
// now and then forgets all that it holds in memory, as a device that crashed does: it goes on from
// its journal.
//
// Thread safety: one thread for each object. Ownership: borrows the world.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/kill/journal.h"
#include "tests/kill/kill_world.h"

namespace enlace::testing {

class KillWriter {
 public:
  KillWriter(KillWorld& world, size_t number, uint64_t seed);
  void Run();

 private:
  // One attempt at everything that has no answer yet; true when all of it has one.
  bool Offer();
  bool OfferOne();
  bool OfferBatch();
  void Answered(const v1::SendRequest& request, const v1::Acceptance& acceptance);
  void Connect();
  // True when the call ended in a way that is to be repeated; notes any other.
  bool MayRepeat(const grpc::Status& status);
  void EmptyOwnInbox();

  KillWorld& world_;
  const size_t number_;
  std::mt19937_64 random_;
  Journal journal_;
  uint64_t starts_seen_ = 0;
  uint64_t sent_ = 0;
  std::vector<v1::SendRequest> open_;
  std::shared_ptr<grpc::Channel> channel_;
};

class KillReader {
 public:
  KillReader(KillWorld& world, size_t number, uint64_t seed);
  void Run();

 private:
  // Follows one stream to its end. True once everything was read after reading was to stop.
  bool Follow();
  void Take(const v1::SubscribeResponse& response);
  void TakeItem(const v1::InboxItem& item);
  void Confirm();
  // Forgets what is in memory and reads the journal.
  void Recover();

  KillWorld& world_;
  const size_t number_;
  std::mt19937_64 random_;
  Journal journal_;
  uint64_t starts_seen_ = 0;
  uint64_t cursor_ = 0;
  v1::SubscribeRequest stand_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace enlace::testing
