#pragma once

#include <string>

#include "absl/flags/declare.h"
#include "common/config/source.h"

// --checkpoint_key: with which a service signs the checkpoints of its log, or logs. To be read with
// RequiredKey<crypto::SigningKey>.
ABSL_DECLARE_FLAG(std::string, checkpoint_key);

namespace smederij::config {

// --log_host: the name under which the world reaches them.
std::string ReadLogHost(Source& source);

}  // namespace smederij::config
