#pragma once

namespace smederij::rpc {

// Lets go of the pages of program text that were only needed to start: relocating a hundred
// libraries and building descriptors touches several times what serving does. The pages stay in
// the kernel's cache, and what is needed again comes back by itself. Linux only; elsewhere, and on
// any error, it does nothing.
void ForgetStartupText();

}  // namespace smederij::rpc
