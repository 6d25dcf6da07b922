#include "server/core/prepared_request.h"

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

PreparedMessage PrepareMessage(std::string_view room_id, const v1::Envelope& envelope) {
  return {merkle::Sha256(AsBytes(envelope.message())), EntryDraft::OfMessage(room_id, envelope)};
}

PreparedMessage PrepareContent(std::string_view room_id, std::string_view content) {
  return {merkle::Sha256(AsBytes(content)), EntryDraft::OfContent(room_id, content)};
}

PreparedSend PrepareSend(const v1::SendRequest& request) {
  PreparedSend out{{}, PrepareMessage(request.room_id(), request.envelope())};
  const std::string& kind = v1::SendRequest::descriptor()->full_name();
  const uint8_t separator = 0;
  out.request = merkle::Sha256({AsBytes(kind), BytesView(&separator, 1), out.message.content,
                                out.message.entry.room_part(), out.message.entry.envelope_part()});
  return out;
}

}  // namespace enlace::server
