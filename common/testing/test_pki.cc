#include "common/testing/test_pki.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::testing {
namespace {

constexpr long kDay = 24 * 60 * 60;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

std::unique_ptr<std::FILE, CloseFile> Create(const std::string& path) {
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "w"));
  CHECK(file != nullptr);
  return file;
}

void WriteCertificate(const std::string& path, X509* certificate) {
  CHECK(PEM_write_X509(Create(path).get(), certificate) == 1);
}

void WriteKey(const std::string& path, EVP_PKEY* key) {
  CHECK(PEM_write_PrivateKey(Create(path).get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

}  // namespace

TestPki::TestPki() {
  std::string pattern = (std::filesystem::temp_directory_path() / "smederij-pki-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
  authority_ = directory_ / "authority.pem";
  authority_key_ = MakeKey();
  authority_certificate_ = MakeCertificate(authority_key_.get(), "test authority", "");
  WriteCertificate(authority_, authority_certificate_.get());
}

TestPki::~TestPki() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

rpc::TlsFiles TestPki::Service(absl::string_view name) {
  return Named(name, absl::StrCat("spiffe://smederij/", name));
}

rpc::TlsFiles TestPki::Named(absl::string_view file, absl::string_view uri) {
  const rpc::TlsFiles files{.certificate = directory_ / absl::StrCat(file, ".pem"),
                            .key = directory_ / absl::StrCat(file, ".key"),
                            .authority = authority_};
  if (std::filesystem::exists(files.certificate)) return files;
  const Key key = MakeKey();
  const Certificate certificate =
      MakeCertificate(key.get(), file, absl::StrCat("DNS:localhost,IP:127.0.0.1,URI:", uri));
  WriteKey(files.key, key.get());
  WriteCertificate(files.certificate, certificate.get());
  return files;
}

TestPki::Key TestPki::MakeKey() {
  Key key(EVP_EC_gen("P-256"));
  CHECK(key != nullptr);
  return key;
}

TestPki::Certificate TestPki::MakeCertificate(EVP_PKEY* key, absl::string_view common_name,
                                              const std::string& names) const {
  Certificate certificate(X509_new());
  uint64_t serial = 0;
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const std::string name(common_name);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const bool authority = names.empty();
  X509_set_issuer_name(certificate.get(),
                       authority ? subject : X509_get_subject_name(authority_certificate_.get()));
  AddExtension(certificate.get(), NID_basic_constraints,
               authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!authority) AddExtension(certificate.get(), NID_subject_alt_name, names);
  EVP_PKEY* const signer = authority ? key : authority_key_.get();
  CHECK(X509_sign(certificate.get(), signer, EVP_sha256()) > 0);
  return certificate;
}

}  // namespace smederij::testing
