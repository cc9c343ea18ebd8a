// Two processes that talk: messages whole and in order, and an end that nobody can miss.
#include "hw/message_socket.hpp"

#include <gtest/gtest.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX
#include <sys/wait.h>
#include <unistd.h>

namespace phasebit::hw {
namespace {

TEST(MessageSocket, keeps_messages_whole_and_in_order) {
  auto ends = MessageSocket::pair();
  ASSERT_TRUE(ends.has_value());
  auto& [ours, theirs] = *ends;
  EXPECT_FALSE(theirs.receive().has_value());
  for (std::uint64_t i = 0; i < 5; ++i) {
    ours.send(ProcessMessage::of(i));
  }
  ours.send(ProcessMessage::of(std::uint32_t{9}));
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(theirs.receive()->as<std::uint64_t>(), i);
  }
  const auto last = theirs.receive();
  ASSERT_TRUE(last.has_value());
  EXPECT_FALSE(last->as<std::uint64_t>().has_value()) << "of another length";
  EXPECT_EQ(last->as<std::uint32_t>(), 9u);
  EXPECT_FALSE(theirs.receive().has_value());
  EXPECT_FALSE(theirs.is_other_gone());
}

TEST(MessageSocket, tells_what_was_said_before_the_other_went) {
  auto ends = MessageSocket::pair();
  ASSERT_TRUE(ends.has_value());
  auto theirs = std::move(ends->second);
  {
    const MessageSocket ours = std::move(ends->first);
    ours.send(ProcessMessage::of(std::uint64_t{7}));
  }
  EXPECT_TRUE(theirs.is_other_gone());
  EXPECT_EQ(theirs.receive()->as<std::uint64_t>(), 7u);
  EXPECT_FALSE(theirs.receive().has_value());
  theirs.send(ProcessMessage::of(std::uint64_t{8}));  // does no harm
}

TEST(MessageSocket, does_not_wait_for_one_that_never_reads) {
  auto ends = MessageSocket::pair();
  ASSERT_TRUE(ends.has_value());
  for (int i = 0; i < 100'000; ++i) {
    ends->first.send(ProcessMessage::of(i));
  }
  EXPECT_EQ(ends->second.receive()->as<int>(), 0);
}

TEST(MessageSocket, notices_that_the_other_process_was_killed) {
  auto ends = MessageSocket::pair();
  ASSERT_TRUE(ends.has_value());
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  auto ours = std::move(ends->first);
  ends->second = MessageSocket(FileDescriptor());  // only the child has it now, and with it a copy of ours
  EXPECT_FALSE(ours.is_other_gone());
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(ours.is_other_gone());
}

}  // namespace
}  // namespace phasebit::hw
