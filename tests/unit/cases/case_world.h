// An officer's vault with cases, for tests: the device of an office of the small RCM, and messages
// that are stored as if they had been verified.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cases/case_finder.h"
#include "client/cases/case_reader.h"
#include "client/cases/case_store.h"
#include "client/vault/vault.h"
#include "enlace/alert/v1/alert.pb.h"
#include "tests/unit/client/support/temp_folder.h"
#include "tests/unit/identity/world.h"

namespace enlace::client::testing {

// 2026-11-18 04:52 UTC, twelve minutes after A02.
inline constexpr int64_t kCaseNowMs = 1'795'063'920'000;
inline constexpr int64_t kMinuteMs = 60'000;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;

// A stored message with the content, as the engine stores a verified one.
vault::v1::StoredContent StoredMessage(const std::string& case_ref,
                                       const alert::v1::Content& content, uint64_t sequence);
// The room of a case in these tests.
Bytes RoomOf(const std::string& case_ref);

class CaseWorld {
 public:
  // The device of ofc-<authority>-001 in `office`, which is stated with the others of the RCM.
  explicit CaseWorld(const std::string& office = "mx.consular");

  Vault& vault() { return *vault_; }
  const CaseReader& reader() const { return *reader_; }
  const CaseFinder& finder() const { return *finder_; }
  ::enlace::testing::World& world() { return world_; }

  // Who sent a message and when the server took it.
  struct Sent {
    std::string office_id;
    int64_t at_ms = kCaseNowMs;
    std::string officer_id = "ofc-hn-001";
  };
  // Stores an alert; the next sequence of its case.
  void AddAlert(const alert::v1::CaseAlert& alert, const Sent& sent);
  void AddAction(const alert::v1::CaseAction& action, const Sent& sent);
  void Purge(const std::string& case_ref);

  std::string folder() const { return folder_.path(); }

 private:
  void Add(const std::string& case_ref, const alert::v1::Content& content, const Sent& sent);

  TempFolder folder_;
  ::enlace::testing::World world_;
  ::enlace::testing::TestRng rng_{7};
  std::string office_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<CaseReader> reader_;
  std::unique_ptr<CaseFinder> finder_;
  uint64_t sequence_ = 0;
};

// A small alert: hn.consular to mx.consular, opened by its sender at `kCaseNowMs`.
alert::v1::CaseAlert SmallAlert(const std::string& case_ref);

}  // namespace enlace::client::testing
