// What of a request can be worked out before its turn: hashes, and the entries of its messages.
//
// By its hash a repeat is told from another request under the same id; it covers the kind of the
// request and its content. Pure functions, so that the shell can call them on gRPC's threads, which
// are many, and not on the committer's, which is one.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include <string_view>

#include "crypto/merkle/hash.h"
#include "enlace/v1/room.pb.h"
#include "google/protobuf/message.h"
#include "server/core/entry_draft.h"

namespace enlace::server {

merkle::Hash HashRequest(const google::protobuf::Message& request);

// A message whose place is not known yet: its entry, and the SHA-256 of its content.
struct PreparedMessage {
  merkle::Hash content{};
  EntryDraft entry;
};
PreparedMessage PrepareMessage(std::string_view room_id, const v1::Envelope& envelope);
// The same of what has no envelope: EntryDraft::OfContent.
PreparedMessage PrepareContent(std::string_view room_id, std::string_view content);

// A call that sends one message. The hash covers the content by its own, so that its bytes are
// hashed once, and not the request id, under which it is kept.
struct PreparedSend {
  merkle::Hash request{};
  PreparedMessage message;
};
PreparedSend PrepareSend(const v1::SendRequest& request);

}  // namespace enlace::server
