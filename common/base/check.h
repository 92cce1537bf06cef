#pragma once

#include <cstdio>
#include <cstdlib>

// What cannot be false if the code is right. Stays on in release builds: stopping is better than
// a wrong count or a wrong euro. What the world can do wrong is a Status instead.
#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
