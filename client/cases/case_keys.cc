#include "client/cases/case_keys.h"

#include "crypto/codec/writer.h"
#include "crypto/merkle/hash.h"

namespace enlace::client {
namespace {

Bytes KeyOf(std::string_view label, std::string_view name) {
  const merkle::Hash hash = merkle::Sha256({AsBytes(label), AsBytes(name)});
  return Bytes(hash.begin(), hash.begin() + kCaseKeyBytes);
}

}  // namespace

Bytes CaseKey(std::string_view case_ref) { return KeyOf("enlace case 1", case_ref); }
Bytes AlertKey(std::string_view alert_id) { return KeyOf("enlace alert 1", alert_id); }
Bytes AttachmentKey(std::string_view attachment_id) {
  return KeyOf("enlace attachment 1", attachment_id);
}

Bytes MessageRow(BytesView room_id, uint64_t sequence) {
  codec::Writer row;
  row.Raw(room_id);
  row.U64(sequence);
  return row.Take();
}

}  // namespace enlace::client
