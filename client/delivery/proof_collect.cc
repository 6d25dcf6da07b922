#include "client/delivery/proof_collect.h"

#include "client/cases/case_log.h"
#include "client/delivery/offers.h"
#include "crypto/primitives/status.h"
#include "proto/errors/reasons.h"

namespace enlace::client {

absl::StatusOr<ServerReceipts> CollectReceipts(const Services& services,
                                               std::string_view case_ref) {
  ENLACE_ASSIGN_OR_RETURN(const CaseLog log, LoadCaseLog(services.vault(), case_ref));
  ServerReceipts receipts;
  for (size_t i = 0; i < log.messages.size(); ++i) {
    const vault::v1::StoredContent& stored = log.messages[i];
    if (!BelongsToProof(stored)) continue;
    v1::GetReceiptRequest request;
    request.set_room_id(stored.room_id());
    request.set_sequence(stored.sequence());
    const absl::StatusOr<v1::GetReceiptResponse> answer =
        services.session.GetReceipt(request, kCallTimeoutMs);
    // What the server lost with an earlier room it gives no receipt for any more.
    const bool lost = stored.room_id() != log.record.room_id() &&
                      VerdictOf(answer.status()) == OfferResult::Verdict::kRefused;
    if (lost) continue;
    ENLACE_RETURN_IF_ERROR(answer.status());
    receipts[log.places[i]] = ToBytes(AsBytes(answer->receipt()));
  }
  if (receipts.empty())
    return MakeError(Reason::kNothingToProve, {{"case", log.record.case_ref()}});
  return receipts;
}

}  // namespace enlace::client
