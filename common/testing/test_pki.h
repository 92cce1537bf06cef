#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/rpc/tls.h"

namespace smederij::testing {

// A certificate authority of a test's own, and what it vouches for, as PEM files in a directory
// that goes with it. Two TestPki do not trust each other.
class TestPki {
 public:
  TestPki();
  ~TestPki();
  TestPki(const TestPki&) = delete;
  TestPki& operator=(const TestPki&) = delete;

  // A certificate for "localhost" and 127.0.0.1, to serve with, that is also the service's client
  // identity: URI spiffe://smederij/<name>. The same files again for the same name.
  rpc::TlsFiles Service(absl::string_view name);
  // A client certificate with any URI.
  rpc::TlsFiles Named(absl::string_view file, absl::string_view uri);
  // A client that presents nothing and trusts the authority.
  rpc::TlsFiles Nobody() const { return {.certificate = "", .key = "", .authority = authority_}; }

  const std::filesystem::path& directory() const { return directory_; }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  static Key MakeKey();
  // `names` as in a configuration of OpenSSL: "DNS:localhost,URI:spiffe://…"; empty for the
  // authority itself.
  Certificate MakeCertificate(EVP_PKEY* key, absl::string_view common_name,
                              const std::string& names) const;

  std::filesystem::path directory_;
  std::string authority_;
  Key authority_key_;
  Certificate authority_certificate_;
};

}  // namespace smederij::testing
