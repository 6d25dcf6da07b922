// From a Content to the bytes of a room message, and the bundle of a commit.
//
// Thread safety: free functions. Ownership: borrows for the call.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/delivery/services.h"
#include "client/rooms/founding.h"
#include "client/rooms/room.h"
#include "enlace/v1/room.pb.h"

namespace enlace::client {

// An encoded SignedContent (crypto/room/signed_content.h) of this device at its newest registry
// head.
absl::StatusOr<Bytes> SignForCase(const Services& services, std::string_view case_ref,
                                  BytesView content);

// Puts a prepared commit into a request; `envelopes` are those of its messages, in their order,
// without the messages.
void FillBundle(const PreparedCommit& prepared, std::vector<v1::Envelope> envelopes,
                v1::CommitBundle& bundle);

// Asks the server for a room that was founded here, with a fresh request id; `envelopes` as above.
v1::CreateRoomRequest FoundingRequest(const Services& services, const FoundedRoom& founded,
                                      std::vector<v1::Envelope> envelopes);

}  // namespace enlace::client
