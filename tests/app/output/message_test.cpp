#include "app/output/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace polyak {
namespace {

using testing::HasSubstr;

TEST(Message, PrintableKeepsTextOfEveryLanguage) {
  for (const std::string text : {"plain text, 'quoted'", "Größe 3 µm", "目標 → 🎯", ""}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Message, PrintableHasNothingThatMovesTheTerminal) {
  EXPECT_EQ(printable("a\nb\r\tc"), "a b  c");
  EXPECT_EQ(printable("a\x1b[31mb\x07\x7f" + std::string(1, '\0')), "a?[31mb???");
  EXPECT_EQ(printable("\u009b31m \u202e \u2028 \u2066 \ufeff"), "?31m ? ? ? ?");
}

TEST(Message, PrintableReplacesWhatIsNoUtf8) {
  EXPECT_EQ(printable("a\xff\xc3"), "a??") << "no first byte; cut off";
  EXPECT_EQ(printable("\xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf"), "?? ??? ????") << "too long";
  EXPECT_EQ(printable("\xed\xa0\x80 \xf4\x90\x80\x80 \xf8"), "??? ???? ?") << "beyond Unicode";
  EXPECT_EQ(printable("\xe2\x82x"), "??x");
  EXPECT_EQ(printable("\xf4\x8f\xbf\xbd \xed\x9f\xbf \xc2\xa0"),
            "\xf4\x8f\xbf\xbd \xed\x9f\xbf \xc2\xa0");
}

TEST(Message, ShortMessagesStayAsTheyAre) {
  const std::string text(longest_message, 'a');
  EXPECT_EQ(short_message(text), text);
}

TEST(Message, LongQuotationsAreCut) {
  const std::string message = "--tau: '" + std::string(1'000'000, 'a') + "' is not a number of 'x'";
  EXPECT_EQ(short_message(message),
            "--tau: '" + std::string(60, 'a') + "...' (1000000 characters) is not a number of 'x'");
  const std::string two = "'" + std::string(500, 'a') + "' and '" + std::string(1000, 'b') + "'";
  EXPECT_EQ(short_message(two), "'" + std::string(60, 'a') + "...' (500 characters) and '" +
                                    std::string(60, 'b') + "...' (1000 characters)");
}

TEST(Message, WhatIsStillTooLongLosesItsMiddle) {
  std::string path(100'000, 'a');
  path += ": no such file";
  const std::string message = short_message(path);
  EXPECT_LE(message.size(), longest_message);
  EXPECT_THAT(message, HasSubstr("characters) ..."));
  EXPECT_TRUE(message.ends_with(": no such file"));
  EXPECT_TRUE(message.starts_with("aaaa"));
}

TEST(Message, CharactersAreNotCutInHalf) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "目";
  EXPECT_EQ(printable(short_message(text)), short_message(text));
  EXPECT_EQ(printable(short_message("'" + text + "'")), short_message("'" + text + "'"));
}

TEST(Message, FilesystemErrorsAreInOurWords) {
  try {
    static_cast<void>(std::filesystem::file_size("/no/such/file"));
    FAIL() << "there is such a file";
  } catch (const std::exception& error) {
    EXPECT_EQ(message_of(error), "/no/such/file: No such file or directory");
  }
  EXPECT_EQ(message_of(std::runtime_error("as it is")), "as it is");
}

}  // namespace
}  // namespace polyak
