#include "client/delivery/content_signing.h"

#include "client/session/request_id.h"
#include "crypto/primitives/status.h"
#include "crypto/room/signed_content.h"

namespace enlace::client {

absl::StatusOr<Bytes> SignForCase(const Services& services, std::string_view case_ref,
                                  BytesView content) {
  const OwnDevice& device = services.device();
  const room::ContentAuthor author{device.fingerprint, device.key, services.replica().head().head};
  ENLACE_ASSIGN_OR_RETURN(const room::SignedContent signed_content,
                          room::SignContent(case_ref, content, author));
  return room::EncodeSignedContent(signed_content);
}

void FillBundle(const PreparedCommit& prepared, std::vector<v1::Envelope> envelopes,
                v1::CommitBundle& bundle) {
  bundle.set_commit(ToText(prepared.commit));
  bundle.set_group_info(ToText(prepared.group_info));
  bundle.set_welcome(ToText(prepared.welcome));
  for (size_t i = 0; i < prepared.messages.size(); ++i) {
    v1::Envelope& envelope = *bundle.add_messages();
    if (i < envelopes.size()) envelope = std::move(envelopes[i]);
    envelope.set_message(ToText(prepared.messages[i]));
    envelope.set_epoch(prepared.next_epoch);
  }
}

v1::CreateRoomRequest FoundingRequest(const Services& services, const FoundedRoom& founded,
                                      std::vector<v1::Envelope> envelopes) {
  v1::CreateRoomRequest request;
  request.set_request_id(NewRequestId(services.now_ms(), services.rooms.rng));
  request.set_room_id(ToText(founded.room->id()));
  request.set_founding_group_info(ToText(founded.founding_group_info));
  FillBundle(founded.first_commit, std::move(envelopes), *request.mutable_bundle());
  return request;
}

}  // namespace enlace::client
