#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::proposals {

inline constexpr size_t kTitleMax = 120;        // Characters, of every one-line name.
inline constexpr size_t kDecisionRefMax = 200;  // Characters.
inline constexpr size_t kReasonMax = 2'000;     // Characters.
inline constexpr size_t kIdeaTextMax = 5'000;   // Characters; advice too.
inline constexpr size_t kPlanTextMax = 20'000;  // Characters.

// Texts that people will read on a screen and on paper, judged one after the other:
//
//   TextCheck check;
//   check.Line("title", title, kTitleMax);
//   check.Prose("text", text, kIdeaTextMax);
//   RETURN_IF_ERROR(check.status());
//
// Each must be UTF-8 of 1 … max characters that are not all blank. Never taken: control characters
// and characters that reverse or hide the text around them, because what the hall reads aloud must
// be what is stored. Prose may have line feeds, carriage returns and tabs; a line may not.
class TextCheck {
 public:
  void Line(absl::string_view field, absl::string_view text, size_t characters_max);
  void Prose(absl::string_view field, absl::string_view text, size_t characters_max);

  // OK, or BAD_TEXT with every field at fault.
  absl::Status status() const;

 private:
  void Check(absl::string_view field, absl::string_view text, size_t characters_max, bool prose);

  std::vector<Fact> wrong_;
};

// `text` as something a database and a screen can hold: at most so many bytes, cut between
// characters, with '?' for every byte that is not UTF-8 and every control character.
std::string Readable(absl::string_view text, size_t bytes_max);

}  // namespace smederij::proposals
