#include "client/delivery/proof_collect.h"

#include "client/cases/case_log.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::StatusOr<ServerReceipts> CollectReceipts(const Services& services,
                                               std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(services.vault(), case_ref));
  ServerReceipts receipts;
  for (const vault::v1::StoredContent& stored : log.messages) {
    if (!BelongsToProof(stored)) continue;
    v1::GetReceiptRequest request;
    request.set_room_id(stored.room_id());
    request.set_sequence(stored.sequence());
    ENLACE_ASSIGN_OR_RETURN(const v1::GetReceiptResponse answer,
                            services.session.GetReceipt(request, kCallTimeoutMs));
    receipts[stored.sequence()] = ToBytes(AsBytes(answer.receipt()));
  }
  if (receipts.empty())
    return MakeError(Reason::kNothingToProve, {{"case", log.record.case_ref()}});
  return receipts;
}

}  // namespace enlace::client
