#include "client/delivery/deadline_notices.h"

#include "client/delivery/limits.h"
#include "crypto/codec/writer.h"
#include "crypto/primitives/status.h"
#include "enlace/vault/v1/vault.pb.h"
#include "proto/errors/reasons.h"

namespace enlace::client {
namespace {

constexpr std::string_view kDeadlineTable = "deadlines";
constexpr size_t kSweptAtOnce = 500;

}  // namespace

absl::Status NoteDeadline(const Services& services, VaultTransaction& tx,
                          const v1::DeadlineNotice& notice) {
  vault::v1::DeadlineRecord record;
  record.set_room_id(notice.room_id());
  record.set_sequence(notice.sequence());
  record.set_office_id(notice.office_id());
  record.set_step(notice.step());
  record.set_urgency(notice.urgency());
  record.set_noticed_at_ms(services.now_ms());
  codec::Writer row;
  row.Raw(AsBytes(notice.room_id()));
  row.U64(notice.sequence());
  row.U8(static_cast<uint8_t>(notice.step()));
  row.Raw(BytesView(merkle::Sha256(AsBytes(notice.office_id()))).first(8));
  return tx.Put(kDeadlineTable, row.view(), AsBytes(record.SerializeAsString()), kVaultKey);
}

absl::Status SweepDeadlines(const Services& services) {
  ENLACE_ASSIGN_OR_RETURN(const std::vector<VaultRow> rows,
                          services.vault().Scan(kDeadlineTable, {{}, {}, kSweptAtOnce}));
  std::vector<Bytes> gone;
  for (const VaultRow& row : rows) {
    vault::v1::DeadlineRecord record;
    if (!record.ParseFromArray(row.value.view().data(), static_cast<int>(row.value.size())))
      return MakeError(Reason::kVaultDamaged, {{"what", std::string(kDeadlineTable)}});
    if (record.noticed_at_ms() + kDeadlineKeptMs < services.now_ms()) gone.push_back(row.row);
  }
  if (gone.empty()) return absl::OkStatus();
  ENLACE_ASSIGN_OR_RETURN(std::unique_ptr<VaultTransaction> tx, services.vault().Begin());
  for (const Bytes& row : gone) ENLACE_RETURN_IF_ERROR(tx->Delete(kDeadlineTable, row));
  return Finish(std::move(tx));
}

}  // namespace enlace::client
