//===- FuzzChatTemplate.cpp - Chat templates of any bytes -----------------===//

#include "runtime/generate/chat_template/ChatTemplate.h"

using namespace weft;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text, error;
  auto chat =
      ChatTemplate::parse({reinterpret_cast<const char *>(data), size}, error);
  if (chat)
    chat->render({{"system", "be"}, {"user", "hi"}, {"assistant", "ho"}}, true,
                 "<s>", "</s>", text, error);
  return 0;
}
