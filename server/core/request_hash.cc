#include "server/core/request_hash.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace enlace::server {

merkle::Hash HashRequest(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  const std::string& kind = request.GetDescriptor()->full_name();
  const uint8_t separator = 0;
  return merkle::Sha256({AsBytes(kind), BytesView(&separator, 1), AsBytes(bytes)});
}

SendHashes HashSend(const v1::SendRequest& request) {
  SendHashes hashes;
  hashes.content = merkle::Sha256(AsBytes(request.envelope().message()));
  v1::SendRequest covered = request;
  covered.mutable_envelope()->set_message(hashes.content.data(), hashes.content.size());
  hashes.request = HashRequest(covered);
  return hashes;
}

}  // namespace enlace::server
