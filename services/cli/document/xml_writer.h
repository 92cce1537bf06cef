#pragma once

#include <cstdint>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "common/base/money.h"
#include "services/cli/document/html_writer.h"

namespace smederij::cli {

// Writes elements, one a line; texts are escaped, names are constants of ours.
class XmlWriter {
 public:
  explicit XmlWriter(std::ostream& out) : out_(out) {}

  void Open(absl::string_view name) { out_ << '<' << name << ">\n"; }
  void Close(absl::string_view name) { out_ << "</" << name << ">\n"; }
  void Put(absl::string_view name, absl::string_view text) {
    out_ << '<' << name << '>' << Escaped(text) << "</" << name << ">\n";
  }
  void Put(absl::string_view name, int64_t number) {
    Put(name, absl::string_view(absl::StrCat(number)));
  }
  void PutAmount(absl::string_view name, int64_t cents) {
    Put(name, absl::string_view(ToString(Money::Cents(cents))));
  }
  // <name Ccy="EUR">12.00</name>
  void PutAmount(absl::string_view name, absl::string_view currency, int64_t cents) {
    out_ << '<' << name << " Ccy=\"" << Escaped(currency) << "\">" << ToString(Money::Cents(cents))
         << "</" << name << ">\n";
  }

 private:
  static std::string Escaped(absl::string_view text) {
    // Two characters that HTML takes and XML does not.
    return absl::StrReplaceAll(HtmlEscaped(text), {{"\uFFFE", "\uFFFD"}, {"\uFFFF", "\uFFFD"}});
  }

  std::ostream& out_;
};

// At most so many bytes, and no part of a character.
inline absl::string_view Fitting(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace smederij::cli
