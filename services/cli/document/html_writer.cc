#include "services/cli/document/html_writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"

namespace smederij::cli {
namespace {

// Elements that run along in a line: a new line after one of them would be seen as a blank.
constexpr absl::string_view kInline[] = {"a",   "b",    "bdi",   "code", "data", "dd",    "dt",
                                         "pre", "span", "small", "td",   "th",   "strong"};

// The overrides that make a text read backwards, whatever its letters.
constexpr absl::string_view kLeftToRight = "\u202D", kRightToLeft = "\u202E";

bool IsInline(absl::string_view element) {
  return std::find(std::begin(kInline), std::end(kInline), element) != std::end(kInline);
}

// C0 controls but tab and line ends, and DEL: not allowed in a document.
bool IsForbidden(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
}

}  // namespace

std::string HtmlEscaped(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    if (absl::ConsumePrefix(&text, kLeftToRight) || absl::ConsumePrefix(&text, kRightToLeft)) {
      escaped += "\uFFFD";
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (IsForbidden(c)) {
      escaped += "\uFFFD";
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\'') {
      escaped += "&#39;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

void HtmlWriter::Start(absl::string_view element, Attributes attributes) {
  absl::StrAppend(&out_, "<", element);
  for (const auto& [name, value] : attributes) {
    absl::StrAppend(&out_, " ", name, "=\"", HtmlEscaped(value), "\"");
  }
  out_ += '>';
}

HtmlWriter& HtmlWriter::Open(absl::string_view element, Attributes attributes) {
  Start(element, attributes);
  open_.push_back(element);
  return *this;
}

HtmlWriter& HtmlWriter::Close() {
  CHECK(!open_.empty());
  absl::StrAppend(&out_, "</", open_.back(), ">", IsInline(open_.back()) ? "" : "\n");
  open_.pop_back();
  return *this;
}

HtmlWriter& HtmlWriter::Text(absl::string_view text) { return Raw(HtmlEscaped(text)); }

HtmlWriter& HtmlWriter::Element(absl::string_view element, absl::string_view text,
                                Attributes attributes) {
  return Open(element, attributes).Text(text).Close();
}

HtmlWriter& HtmlWriter::Void(absl::string_view element, Attributes attributes) {
  Start(element, attributes);
  out_ += '\n';
  return *this;
}

HtmlWriter& HtmlWriter::Raw(absl::string_view markup) {
  absl::StrAppend(&out_, markup);
  return *this;
}

std::string HtmlWriter::Finish() && {
  CHECK(open_.empty());
  return std::move(out_);
}

}  // namespace smederij::cli
