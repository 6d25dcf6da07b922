#include "tests/unit/server/core/core_fixture.h"

#include "crypto/identity/log_entry.h"
#include "crypto/identity/statement.h"
#include "tests/unit/storage/temp_folder.h"

namespace enlace::testing {
namespace {

std::string AuthorityOf(const Bytes& encoded) {
  const auto entry = identity::DecodeLogEntry(encoded);
  if (entry->kind == identity::LogEntryKind::kCharter) return "";
  return identity::DecodeStatement(identity::DecodeSignedStatement(entry->payload)->body)
      ->authority;
}

}  // namespace

std::string ReasonOf(const absl::Status& status) {
  if (status.ok()) return "OK";
  const std::string name = InfoOf(status).name;
  return name.empty() ? status.ToString() : name;
}

CoreFixture::CoreFixture() {
  options_.charter_root = world_.charter().root;
  options_.log_key = &world_.server_key();
  options_.rng = &world_.rng();
  Restart();
}

void CoreFixture::Restart(bool declare_loss) {
  const absl::Status started = TryRestart(declare_loss);
  ASSERT_TRUE(started.ok()) << started;
}

absl::Status CoreFixture::TryRestart(bool declare_loss) {
  if (core_ != nullptr) options_.high_water = core_->durable_head();
  core_.reset();
  engine_.reset();
  auto engine = storage::OpenMemoryEngine(disk_);
  if (!engine.ok()) return engine.status();
  engine_ = std::move(*engine);
  options_.declare_loss = declare_loss;
  auto core = server::Core::Open(*engine_, options_, now_ms());
  if (!core.ok()) return core.status();
  core_ = std::move(*core);
  return absl::OkStatus();
}

std::shared_ptr<storage::MemoryDisk> CoreFixture::CopyOfDisk() const {
  const storage::TempFolder folder;
  const std::filesystem::path checkpoint = folder.path() / "checkpoint";
  EXPECT_TRUE(engine_->Checkpoint(checkpoint).ok());
  auto copy = storage::ReadMemoryCheckpoint(checkpoint);
  EXPECT_TRUE(copy.ok()) << copy.status();
  return copy.ok() ? *copy : nullptr;
}

std::string CoreFixture::RequestIdAt(int64_t time_ms) {
  Bytes id = world_.rng().PublicBytes(16);
  for (size_t i = 0; i < 6; ++i) id[i] = static_cast<uint8_t>(time_ms >> (8 * (5 - i)));
  id[6] = static_cast<uint8_t>(0x70 | (id[6] & 0x0f));
  id[8] = static_cast<uint8_t>(0x80 | (id[8] & 0x3f));
  return ToText(id);
}

void CoreFixture::Bootstrap(const std::vector<std::string>& authorities) {
  v1::BootstrapRequest charter;
  charter.add_entries(ToText(world_.entries().front()));
  ASSERT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(charter).status()), "OK");
  published_ = 1;
  for (const std::string& authority : authorities) {
    world_.AddOffice(authority + ".admin");
    admins_[authority] = std::make_unique<WorldDevice>(world_.AddDevice(
        "ofc-" + authority + "-900", "dev-1", {authority + ".admin"},
        identity::RoleBit(identity::Role::kOfficer) | identity::RoleBit(identity::Role::kAdmin)));
    v1::BootstrapRequest request;
    for (; published_ < world_.entries().size(); ++published_) {
      request.add_entries(ToText(world_.entries()[published_]));
    }
    ASSERT_EQ(ReasonOf(DoAnonymously<v1::BootstrapResponse>(request).status()), "OK");
  }
}

void CoreFixture::PublishNew() {
  while (published_ < world_.entries().size()) {
    v1::PublishRequest request;
    request.set_request_id(RequestId());
    const std::string authority = AuthorityOf(world_.entries()[published_]);
    request.add_entries(ToText(world_.entries()[published_]));
    ++published_;
    const WorldDevice& publisher = authority.empty() ? *admins_.begin()->second : admin(authority);
    ASSERT_EQ(ReasonOf(Do<v1::PublishResponse>(publisher, request).status()), "OK");
  }
}

WorldDevice CoreFixture::NewDevice(const std::string& officer, const std::string& office) {
  if (world_.registry().FindOffice(office) == nullptr) world_.AddOffice(office);
  WorldDevice device = world_.AddDevice(officer, "dev-1", {office});
  PublishNew();
  return device;
}

server::Caller CoreFixture::CallerOf(const WorldDevice& device) const {
  auto caller = core_->callers().Resolve(device.tls.fingerprint(), now_ms());
  EXPECT_TRUE(caller.ok()) << caller.status();
  return caller.value_or(server::Caller());
}

absl::Status CoreFixture::CommitGroup() {
  if (core_->has_writes()) {
    const absl::Status written = engine_->Commit(core_->TakeBatch(), storage::Durability::kSynced);
    if (!written.ok()) {
      core_->Abandon();
      return written;
    }
  }
  effects_ = core_->Committed();
  return absl::OkStatus();
}

void CoreFixture::TickUntilDone() {
  bool more = true;
  while (more) {
    const auto ticked = core_->Tick(now_ms());
    ASSERT_TRUE(ticked.ok()) << ticked.status();
    ASSERT_TRUE(CommitGroup().ok());
    more = *ticked;
  }
}

}  // namespace enlace::testing
