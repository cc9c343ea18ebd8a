#include "src/driver/queue_registry.hpp"

#include <algorithm>

#include "src/spec/queue_commands.hpp"

namespace phasebit::driver {

std::uint32_t QueueRegistry::Channel::submissions_made() const {
  return static_cast<std::uint32_t>(
      std::count_if(submissions.begin(), submissions.end(), [](const Queue& queue) { return queue.is_made; }));
}

std::uint8_t QueueRegistry::Channel::far_rings() const {
  std::uint8_t rings = 0;
  for (std::uint32_t i = 0; i < submission_count; ++i) {
    rings |= static_cast<std::uint8_t>((submissions[i].place.far_base ? 1u : 0u) << i);
  }
  return rings;
}

void QueueRegistry::leave_controller_memory() {
  for (Channel& channel : channels_) {
    for (Queue& queue : channel.submissions) {
      queue.place.far_base.reset();
    }
  }
}

Result<ChannelQids> QueueRegistry::choose_qids(std::uint32_t submission_count, std::uint32_t granted) const {
  const auto is_taken = [&](Qid qid, bool completion) {
    return std::any_of(channels_.begin(), channels_.end(), [&](const Channel& channel) {
      const auto& subs = channel.submissions;
      const auto end = subs.begin() + channel.submission_count;
      return channel.control != nullptr &&
             (completion ? channel.completion.qid == qid : std::any_of(subs.begin(), end, [&](const Queue& q) { return q.qid == qid; }));
    });
  };
  const bool has_place = std::any_of(channels_.begin(), channels_.end(), [](const Channel& channel) { return channel.control == nullptr; });
  ChannelQids qids;
  std::uint32_t found = 0;
  for (std::uint32_t n = 1; n <= granted && has_place; ++n) {
    const Qid qid{static_cast<std::uint16_t>(n)};
    if (qids.completion.value == 0 && !is_taken(qid, true)) {
      qids.completion = qid;
    }
    if (found < submission_count && !is_taken(qid, false)) {
      qids.submissions[found++] = qid;
    }
  }
  if (qids.completion.value == 0 || found < submission_count) {
    return fail(Errc::queue_full);
  }
  return qids;
}

ChannelId QueueRegistry::add(const ChannelQueues& queues, const ChannelQids& qids, QueueControl& control) {
  const auto place = std::find_if(channels_.begin(), channels_.end(), [](const Channel& channel) { return channel.control == nullptr; });
  PHASEBIT_ASSERT(place != channels_.end());
  Channel channel;
  channel.control = &control;
  channel.stage = Stage::wanted;
  channel.completion = {queues.completion, qids.completion, false};
  channel.submission_count = queues.submission_count;
  channel.priorities = queues.priorities;
  channel.interrupts = queues.interrupts;
  for (std::uint32_t i = 0; i < queues.submission_count; ++i) {
    channel.submissions[i] = {queues.submissions[i], qids.submissions[i], false};
  }
  *place = channel;
  return {static_cast<std::uint16_t>(place - channels_.begin()), 0};
}

void QueueRegistry::close(ChannelId id) {
  Channel& channel = channels_[id.index()];
  if (channel.stage == Stage::live || channel.stage == Stage::wanted) {
    channel.stage = Stage::closing;
    if (mode_of(channel) == QueueMode::live) {  // one that is silent rings nothing, whoever lets go of it
      channel.control->drain();
    }
  } else if (channel.stage == Stage::refused) {
    channel.stage = Stage::deleting;
    finish_if_gone(channel);
  }
}

std::uint32_t QueueRegistry::count() const {
  return static_cast<std::uint32_t>(
      std::count_if(channels_.begin(), channels_.end(), [](const Channel& channel) { return channel.control != nullptr; }));
}

/// Memory of a ring whose owner has not yet taken what an earlier life left in it must not be given to the controller again.
bool QueueRegistry::may_be_made(const Channel& channel) const {
  return !is_held_back_ && channel.stage == Stage::wanted && channel.control->obeyed();
}

bool QueueRegistry::wants_making() const {
  return std::any_of(channels_.begin(), channels_.end(), [this](const Channel& channel) { return may_be_made(channel); });
}

bool QueueRegistry::has_to_make(BringUpRow row) const {
  return const_cast<QueueRegistry*>(this)->find_to_make(row).queue != nullptr;
}

std::uint32_t QueueRegistry::skips() const {
  // A submission queue can be made once its completion queue is: rows come in that order, and both are needed or neither is.
  return wants_making() ? 0 : skip_bit(BringUpRow::create_completion_queues) | skip_bit(BringUpRow::create_submission_queues);
}

QueueRegistry::Target QueueRegistry::find_to_make(BringUpRow row) {
  for (Channel& channel : channels_) {
    if (!may_be_made(channel)) {
      continue;
    }
    if (row == BringUpRow::create_completion_queues && !channel.completion.is_made) {
      return {&channel, &channel.completion};
    }
    if (row == BringUpRow::create_submission_queues && channel.completion.is_made &&
        channel.submissions_made() < channel.submission_count) {
      return {&channel, &channel.submissions[channel.submissions_made()]};
    }
  }
  return {};
}

spec::Sqe QueueRegistry::next_to_make(BringUpRow row) {
  target_ = find_to_make(row);
  PHASEBIT_ASSERT(target_.queue != nullptr);
  handed_out_ = HandedOut::create;
  const Queue& queue = *target_.queue;
  if (row == BringUpRow::create_completion_queues) {
    const bool interrupts = target_.channel->interrupts && interrupt_vectors_ != 0;
    return spec::CreateIoCompletionQueue{.qid = queue.qid,
                                         .entries = queue.place.entries,
                                         .base = queue.place.base,
                                         .interrupts = interrupts,
                                         .vector = interrupts ? vector_of(queue.qid) : std::uint16_t{0}}
        .sqe();
  }
  return spec::CreateIoSubmissionQueue{.qid = queue.qid,
                                       .entries = queue.place.entries,
                                       .base = queue.place.far_base.value_or(queue.place.base),
                                       .cqid = target_.channel->completion.qid,
                                       .priority = target_.channel->priorities[target_.channel->submissions_made()]}
      .sqe();
}

/// Vector 0 is the admin queue's (Base 2.0 §3.1.3.10); the others are shared if they are fewer than the queues.
std::uint16_t QueueRegistry::vector_of(Qid completion) const {
  return interrupt_vectors_ < 2 ? std::uint16_t{0} : static_cast<std::uint16_t>(1 + (completion.value - 1) % (interrupt_vectors_ - 1));
}

Answer QueueRegistry::made(BringUpRow row, const LaneAnswer& answer, bool may_retry) {
  handed_out_ = HandedOut::nothing;
  Channel& channel = *target_.channel;
  const bool succeeded = spec::is_success(answer.status);
  const bool is_wanted = channel.stage == Stage::wanted;  // else it was closed meanwhile
  if (!succeeded && is_wanted) {
    if (const Answer another = try_otherwise(answer, may_retry); another != Answer::none) {
      return another;
    }
  }
  target_.queue->is_made = succeeded;
  made_far_ += succeeded && target_.queue->place.far_base ? 1 : 0;
  if (!is_wanted) {
    finish_if_gone(channel);
  } else if (!succeeded) {
    refuse(channel);
  } else if (channel.submissions_made() == channel.submission_count) {
    channel.stage = Stage::live;
    channel.control->go_live(channel.far_rings());
  }
  if (has_to_make(row)) {
    return succeeded ? Answer::again : Answer::refused_again;
  }
  if (succeeded || !is_wanted) {
    return Answer::passed;
  }
  const bool goes_on = any_live() || has_to_make(BringUpRow::create_submission_queues);
  return goes_on ? Answer::tolerated : Answer::refused;
}

/// What may help a queue that was refused; `none` if nothing will.
Answer QueueRegistry::try_otherwise(const LaneAnswer& answer, bool may_retry) {
  if (spec::is(answer.status, spec::CommandStatus::invalid_interrupt_vector) && interrupt_vectors_ > 1) {
    interrupt_vectors_ = 1;  // some drives show a table of more vectors than they have
    return Answer::again;
  }
  if (may_retry && may_ask_again(answer.status)) {
    return Answer::retry;
  }
  if (target_.queue->place.far_base) {  // some drives offer a memory that they then do not take
    target_.queue->place.far_base.reset();
    return Answer::again;
  }
  return Answer::none;
}

void QueueRegistry::refuse(Channel& channel) {
  channel.stage = Stage::refused;
  channel.control->stop(Outcome::reset, true);
}

bool QueueRegistry::any_live() const {
  return std::any_of(channels_.begin(), channels_.end(), [](const Channel& channel) { return channel.stage == Stage::live; });
}

const QueueRegistry::Queue* QueueRegistry::find_made(bool submissions, bool only_going) const {
  return const_cast<QueueRegistry*>(this)->find_made_target(submissions, only_going).queue;
}

QueueRegistry::Target QueueRegistry::find_made_target(bool submissions, bool only_going) {
  for (Channel& channel : channels_) {
    const bool is_going = channel.stage == Stage::deleting || channel.stage == Stage::refused;
    if (channel.control == nullptr || (only_going && !is_going)) {
      continue;
    }
    for (Queue& queue : channel.submissions) {
      if (submissions && queue.is_made) {
        return {&channel, &queue};
      }
    }
    if (!submissions && channel.completion.is_made && channel.submissions_made() == 0) {
      return {&channel, &channel.completion};
    }
  }
  return {};
}

spec::Sqe QueueRegistry::next_to_delete(bool submissions, bool only_going) {
  target_ = find_made_target(submissions, only_going);
  PHASEBIT_ASSERT(target_.queue != nullptr);
  handed_out_ = HandedOut::remove;
  return submissions ? spec::delete_io_submission_queue(target_.queue->qid) : spec::delete_io_completion_queue(target_.queue->qid);
}

bool QueueRegistry::deleted(const LaneAnswer& answer) {
  const bool succeeded = spec::is_success(answer.status) || spec::is(answer.status, spec::CommandStatus::invalid_queue_identifier);
  handed_out_ = HandedOut::nothing;
  if (succeeded) {
    target_.queue->is_made = false;
    finish_if_gone(*target_.channel);
  }
  return succeeded;
}

void QueueRegistry::settle(const LaneAnswer& answer) {
  if (handed_out_ == HandedOut::create) {
    target_.queue->is_made = spec::is_success(answer.status);
    handed_out_ = HandedOut::nothing;
  } else if (handed_out_ == HandedOut::remove) {
    deleted(answer);
  }
}

/// What the completion queue still holds is taken by the owner when it obeys: the memory stays. A queue that is being made now is not gone.
void QueueRegistry::finish_if_gone(Channel& channel) {
  const bool is_being_made = handed_out_ == HandedOut::create && target_.channel == &channel;
  if (channel.completion.is_made || channel.submissions_made() > 0 || is_being_made) {
    return;
  }
  if (channel.stage == Stage::deleting) {
    channel.stage = Stage::closed;
  }
  channel.control->stop(Outcome::aborted, true);
}

/// An order to stop is never taken back: its owner may not have seen it yet.
QueueMode QueueRegistry::mode_of(const Channel& channel) {
  return QueueOrder::unpack(channel.control->order_number()).mode;
}

void QueueRegistry::drain(Channel& channel) {
  if (mode_of(channel) == QueueMode::live || mode_of(channel) == QueueMode::silent) {
    channel.control->drain();
  }
}

void QueueRegistry::silence() {
  for (Channel& channel : channels_) {
    if (channel.control != nullptr && mode_of(channel) != QueueMode::stopped) {
      channel.control->silence();
    }
  }
}

void QueueRegistry::resume() {
  for (Channel& channel : channels_) {
    if (channel.stage == Stage::live && mode_of(channel) == QueueMode::silent) {
      channel.control->go_live(channel.far_rings());
    } else if (channel.stage == Stage::closing || channel.stage == Stage::deleting) {
      drain(channel);
    }
  }
}

void QueueRegistry::drain() {
  for (Channel& channel : channels_) {
    if (channel.control != nullptr) {
      drain(channel);
    }
  }
}

void QueueRegistry::stop(Outcome outcome, bool last) {
  for (Channel& channel : channels_) {
    if (channel.control == nullptr) {
      continue;
    }
    channel.completion.is_made = false;
    for (Queue& queue : channel.submissions) {
      queue.is_made = false;
    }
    const bool is_going = channel.stage == Stage::closing || channel.stage == Stage::deleting;
    if (channel.stage != Stage::closed && channel.stage != Stage::refused) {
      channel.control->stop(is_going ? Outcome::aborted : outcome, last || is_going);
    }
    if (channel.stage == Stage::live) {
      channel.stage = Stage::wanted;
    }
    channel.stage = is_going ? Stage::closed : channel.stage;
  }
  target_ = {};
  handed_out_ = HandedOut::nothing;
}

void QueueRegistry::keep_within(std::uint32_t granted) {
  for (Channel& channel : channels_) {
    bool fits = channel.completion.qid.value <= granted;
    for (std::uint32_t i = 0; i < channel.submission_count; ++i) {
      fits = fits && channel.submissions[i].qid.value <= granted;
    }
    if (channel.stage == Stage::wanted && !fits) {
      refuse(channel);
    }
  }
}

}  // namespace phasebit::driver
