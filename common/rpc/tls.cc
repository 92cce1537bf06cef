#include "common/rpc/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <iterator>

#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::rpc {
namespace {

absl::StatusOr<std::string> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty()) {
    return Error(kFailedPrecondition, "TLS_FILE_UNREADABLE", "a PEM file for TLS cannot be read")
        .With("path", path);
  }
  return text;
}

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::unique_ptr<BIO, Free> Open(const std::string& text) {
  return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// gRPC itself notices a wrong key only at the first handshake, as an error of the client.
bool Fit(const std::string& certificate_pem, const std::string& key_pem) {
  const auto certificate_bio = Open(certificate_pem);
  const auto key_bio = Open(key_pem);
  const std::unique_ptr<X509, Free> certificate(
      PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  return certificate != nullptr && key != nullptr &&
         X509_check_private_key(certificate.get(), key.get()) == 1;
}

struct Pem {
  std::string certificate;
  std::string key;
  std::string authority;
};

absl::StatusOr<Pem> ReadAll(const TlsFiles& files) {
  Pem pem;
  ASSIGN_OR_RETURN(pem.authority, Read(files.authority));
  if (files.certificate.empty() && files.key.empty()) return pem;
  ASSIGN_OR_RETURN(pem.certificate, Read(files.certificate));
  ASSIGN_OR_RETURN(pem.key, Read(files.key));
  if (!Fit(pem.certificate, pem.key)) {
    return Error(kFailedPrecondition, "TLS_KEY_MISMATCH", "the key is not the certificate's")
        .With("certificate", files.certificate)
        .With("key", files.key);
  }
  return pem;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerTls(const TlsFiles& files) {
  if (files.empty()) return grpc::InsecureServerCredentials();
  ASSIGN_OR_RETURN(const Pem pem, ReadAll(files));
  if (pem.key.empty()) {
    return Error(kFailedPrecondition, "TLS_FILE_UNREADABLE", "a server needs a certificate and key")
        .With("path", files.key);
  }
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = pem.authority;
  options.pem_key_cert_pairs.push_back({pem.key, pem.certificate});
  return grpc::SslServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientTls(const TlsFiles& files) {
  if (files.empty()) return grpc::InsecureChannelCredentials();
  ASSIGN_OR_RETURN(const Pem pem, ReadAll(files));
  return grpc::SslCredentials({pem.authority, pem.key, pem.certificate});
}

}  // namespace smederij::rpc
