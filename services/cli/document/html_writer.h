#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace smederij::cli {

// Writes HTML that is well-formed whatever it is given: texts and values are escaped, what is
// opened is closed. Names of elements and attributes are constants of ours.
class HtmlWriter {
 public:
  using Attributes = std::initializer_list<std::pair<absl::string_view, absl::string_view>>;

  HtmlWriter& Open(absl::string_view element, Attributes attributes = {});
  HtmlWriter& Close();
  HtmlWriter& Text(absl::string_view text);
  // An element with a text and nothing else.
  HtmlWriter& Element(absl::string_view element, absl::string_view text,
                      Attributes attributes = {});
  // An element that has no end, say meta.
  HtmlWriter& Void(absl::string_view element, Attributes attributes = {});
  // As it is: only for constants of ours.
  HtmlWriter& Raw(absl::string_view markup);

  // Everything that is open must have been closed.
  std::string Finish() &&;

 private:
  void Start(absl::string_view element, Attributes attributes);

  std::string out_{};
  std::vector<absl::string_view> open_{};
};

// Text as it stands in HTML, in quoted attributes too. What no page may hold becomes U+FFFD.
std::string HtmlEscaped(absl::string_view text);

}  // namespace smederij::cli
