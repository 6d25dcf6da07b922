// Signing requests (PKCS#10, RFC 2986) of issue.h.
#include <utility>

#include "crypto/identity/issue.h"
#include "crypto/identity/openssl.h"
#include "crypto/primitives/status.h"

namespace enlace::identity {
namespace {

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * stack) const {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
  }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

// The device that the one requested extension, a subject alternative name of one URI, names.
absl::StatusOr<DeviceUri> RequestedDevice(X509_REQ* request) {
  const ExtensionsPtr extensions(X509_REQ_get_extensions(request));
  if (extensions == nullptr || sk_X509_EXTENSION_num(extensions.get()) != 1) {
    return InvalidArgument("request asks for other than one extension");
  }
  int critical = 0;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509V3_get_d2i(extensions.get(), NID_subject_alt_name, &critical, nullptr)));
  if (names == nullptr || sk_GENERAL_NAME_num(names.get()) != 1) {
    return InvalidArgument("request has not exactly one alternative name");
  }
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) return InvalidArgument("request's alternative name is not a URI");
  const ASN1_IA5STRING* text = name->d.uniformResourceIdentifier;
  return DeviceUri::Parse({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                           static_cast<size_t>(ASN1_STRING_length(text))});
}

absl::Status Failed() {
  return MakeStatus(absl::StatusCode::kInternal, "OpenSSL can't make the request");
}

}  // namespace

SigningRequest::SigningRequest(Bytes der, KeyType key_type, Bytes public_key_info,
                               DeviceUri device_uri)
    : der_(std::move(der)),
      key_type_(key_type),
      public_key_info_(std::move(public_key_info)),
      device_uri_(std::move(device_uri)) {}

absl::StatusOr<SigningRequest> SigningRequest::FromDer(BytesView der) {
  if (der.size() > kCsrBytesMax) return InvalidArgument("signing request is longer than the limit");
  const uint8_t* in = der.data();
  const X509ReqPtr request(d2i_X509_REQ(nullptr, &in, static_cast<long>(der.size())));
  if (request == nullptr || in != der.data() + der.size())
    return InvalidArgument("not a signing request");
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  ENLACE_ASSIGN_OR_RETURN(const KeyType type, KeyTypeOf(key));
  if (X509_REQ_verify(request.get(), key) != 1)
    return InvalidArgument("signing request is not signed by its key");
  ENLACE_ASSIGN_OR_RETURN(DeviceUri uri, RequestedDevice(request.get()));
  ENLACE_ASSIGN_OR_RETURN(const std::string name,
                          CommonNameOf(X509_REQ_get_subject_name(request.get())));
  if (name != uri.officer_id()) return InvalidArgument("request's name is not its officer's id");
  return SigningRequest(ToBytes(der), type, ToDer(key, i2d_PUBKEY), std::move(uri));
}

absl::StatusOr<SigningRequest> MakeSigningRequest(const DeviceUri& device, const PrivateKey& key) {
  const X509ReqPtr request(X509_REQ_new());
  const EvpKeyPtr evp_key = ToEvpKey(key);
  const ExtensionsPtr extensions(sk_X509_EXTENSION_new_null());
  if (request == nullptr || evp_key == nullptr || extensions == nullptr) return Failed();
  const std::string value = "URI:" + device.text();
  ExtensionPtr name(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, value.c_str()));
  if (name == nullptr || sk_X509_EXTENSION_push(extensions.get(), name.get()) <= 0) return Failed();
  // The stack owns the extension from here on.
  static_cast<void>(name.release());
  const std::string officer(device.officer_id());
  X509_NAME* subject = X509_REQ_get_subject_name(request.get());
  bool ok = X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1;
  ok = ok && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                        reinterpret_cast<const uint8_t*>(officer.data()),
                                        static_cast<int>(officer.size()), -1, 0) == 1;
  ok = ok && X509_REQ_set_pubkey(request.get(), evp_key.get()) == 1;
  ok = ok && X509_REQ_add_extensions(request.get(), extensions.get()) == 1;
  ok = ok && X509_REQ_sign(request.get(), evp_key.get(), DigestFor(key.type())) > 0;
  if (!ok) return Failed();
  return SigningRequest::FromDer(ToDer(request.get(), i2d_X509_REQ));
}

}  // namespace enlace::identity
