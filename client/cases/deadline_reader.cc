// The half of CaseReader that says which deadlines passed.

#include <algorithm>

#include "client/cases/case_reader.h"
#include "crypto/primitives/status.h"
#include "enlace/vault/v1/vault.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr size_t kDeadlinesMax = 500;
// Percents of the window by enlace.v1.DeadlineStep.
constexpr int kPercents[] = {0, 50, 100, 200};

template <typename Message>
absl::StatusOr<Message> Parse(const SecretBytes& bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.view().data(), static_cast<int>(bytes.size())))
    return MakeError(Reason::kVaultDamaged, {{"what", "deadlines"}});
  return message;
}

}  // namespace

absl::StatusOr<std::vector<DeadlineNews>> CaseReader::Deadlines() const {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          vault_.Scan("deadlines", {{}, {}, kDeadlinesMax}));
  std::vector<DeadlineNews> all;
  for (const VaultRow& row : rows) {
    ENLACE_ASSIGN_OR_RETURN(const auto record, Parse<vault::v1::DeadlineRecord>(row.value));
    DeadlineNews& news = all.emplace_back();
    news.office_id = record.office_id();
    news.urgency = record.urgency();
    news.noticed_at_ms = record.noticed_at_ms();
    if (record.step() > 0 && record.step() < 4) news.percent = kPercents[record.step()];
    ENLACE_ASSIGN_OR_RETURN(const std::optional<SecretBytes> stored,
                            vault_.Get("rooms", AsBytes(record.room_id())));
    if (!stored) continue;
    ENLACE_ASSIGN_OR_RETURN(const auto room, Parse<vault::v1::RoomRecord>(*stored));
    news.case_ref = room.case_ref();
  }
  std::stable_sort(all.begin(), all.end(), [](const DeadlineNews& a, const DeadlineNews& b) {
    return a.noticed_at_ms < b.noticed_at_ms;
  });
  return all;
}

}  // namespace enlace::client
