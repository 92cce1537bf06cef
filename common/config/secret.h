#pragma once

#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace smederij::config {

// Bytes that must never be printed: `***` wherever something prints it, wiped when it dies.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.Wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { Wipe(); }

  // The one way in, so that a reader can search for it.
  absl::string_view Reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  void Wipe();

  std::string bytes_;
};

}  // namespace smederij::config
