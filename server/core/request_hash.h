// Hashes of requests, by which a repeat is told from another request under the same id.
//
// They cover the kind of the request and its content. Pure functions, so that the shell can compute
// them on gRPC's threads, which are many, and not on the committer's, which is one.
//
// Thread safety: free functions. Ownership: values.
#pragma once

#include "crypto/merkle/hash.h"
#include "enlace/v1/room.pb.h"
#include "google/protobuf/message.h"

namespace enlace::server {

merkle::Hash HashRequest(const google::protobuf::Message& request);

// Of a message to be sent: the whole request, and its MLSMessage alone, as the log's header has it.
// The first covers the message by the second, so that its bytes are hashed once.
struct SendHashes {
  merkle::Hash request{};
  merkle::Hash content{};
};
SendHashes HashSend(const v1::SendRequest& request);

}  // namespace enlace::server
