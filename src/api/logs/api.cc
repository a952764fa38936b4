#include "api/logs/api.h"

#include <algorithm>

#include "api/logs/shapes.h"
#include "base/bytes.h"

namespace tidegate::api::logs {
namespace {

namespace domain = tidegate::logs;
using http::Method;
using wire::Context;
using wire::Nothing;

template <class I, class O>
constexpr wire::Operation<I, O> operation(std::string_view name, std::string_view uri,
                                          std::string_view action) {
  return wire::operation<I, O>(name, Method::post, uri, 200, action).limit(std::size_t{2} << 20);
}

constexpr auto kCreateGroup = operation<CreateLogGroupInput, Nothing>(
    "CreateLogGroup", "/?Action=CreateLogGroup", "logs:CreateLogGroup");
constexpr auto kDeleteGroup = operation<GroupInput, Nothing>(
    "DeleteLogGroup", "/?Action=DeleteLogGroup", "logs:DeleteLogGroup");
constexpr auto kDescribeGroups = operation<DescribeLogGroupsInput, DescribeLogGroupsOutput>(
    "DescribeLogGroups", "/?Action=DescribeLogGroups", "logs:DescribeLogGroups");
constexpr auto kPutRetention = operation<RetentionInput, Nothing>(
    "PutRetentionPolicy", "/?Action=PutRetentionPolicy", "logs:PutRetentionPolicy");
constexpr auto kDeleteRetention = operation<GroupInput, Nothing>(
    "DeleteRetentionPolicy", "/?Action=DeleteRetentionPolicy", "logs:DeleteRetentionPolicy");
constexpr auto kCreateStream = operation<StreamInput, Nothing>(
    "CreateLogStream", "/?Action=CreateLogStream", "logs:CreateLogStream");
constexpr auto kDeleteStream = operation<StreamInput, Nothing>(
    "DeleteLogStream", "/?Action=DeleteLogStream", "logs:DeleteLogStream");
constexpr auto kDescribeStreams = operation<DescribeLogStreamsInput, DescribeLogStreamsOutput>(
    "DescribeLogStreams", "/?Action=DescribeLogStreams", "logs:DescribeLogStreams");
constexpr auto kGetEvents = operation<GetLogEventsInput, GetLogEventsOutput>(
    "GetLogEvents", "/?Action=GetLogEvents", "logs:GetLogEvents");
constexpr auto kFilterEvents = operation<FilterLogEventsInput, FilterLogEventsOutput>(
    "FilterLogEvents", "/?Action=FilterLogEvents", "logs:FilterLogEvents");
constexpr auto kPutEvents = operation<PutLogEventsInput, PutLogEventsOutput>(
    "PutLogEvents", "/?Action=PutLogEvents", "logs:PutLogEvents");
constexpr auto kListTags = operation<ResourceInput, TagsOutput>(
    "ListTagsForResource", "/?Action=ListTagsForResource", "logs:ListTagsForResource");
constexpr auto kTag =
    operation<TagResourceInput, Nothing>("TagResource", "/?Action=TagResource", "logs:TagResource");
constexpr auto kUntag = operation<UntagResourceInput, Nothing>(
    "UntagResource", "/?Action=UntagResource", "logs:UntagResource");
constexpr auto kListGroupTags = operation<GroupInput, TagsOutput>(
    "ListTagsLogGroup", "/?Action=ListTagsLogGroup", "logs:ListTagsLogGroup");
constexpr auto kTagGroup =
    operation<TagGroupInput, Nothing>("TagLogGroup", "/?Action=TagLogGroup", "logs:TagLogGroup");
constexpr auto kUntagGroup = operation<UntagGroupInput, Nothing>(
    "UntagLogGroup", "/?Action=UntagLogGroup", "logs:UntagLogGroup");

constexpr std::int32_t kRetentions[] = {1,    3,    5,    7,    14,   30,  60,  90,
                                        120,  150,  180,  365,  400,  545, 731, 1096,
                                        1827, 2192, 2557, 2922, 3288, 3653};
// Of one PutLogEvents; AWS counts 26 bytes for each event beside its message.
constexpr std::size_t kMaxBatch = 1'048'576, kEventOverhead = 26;
constexpr std::int64_t kMaxBatchSpanMs = 24LL * 3'600'000;
constexpr std::int64_t kTooNewMs = 2LL * 3'600'000, kTooOldMs = 14LL * 24 * 3'600'000;

Error invalid(std::string text) {
  return Error{Fault::invalid_argument, std::move(text)};
}

Status check_name(const std::string& name, const char* member, std::string_view pattern,
                  bool (*good)(unsigned char)) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), good)) return done;
  return invalid(
      fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy "
                  "constraint: Member must satisfy regular expression pattern: {}",
                  name.substr(0, 256), member, pattern));
}

Status check_group(const std::string& name) {
  return check_name(name, "logGroupName", "[\\.\\-_/#A-Za-z0-9]+", [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("._/#-").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

Status check_stream(const std::string& name) {
  return check_name(name, "logStreamName", "[^:*]*",
                    [](unsigned char c) { return c != ':' && c != '*' && c >= 0x20; });
}

// A name, or an ARN with or without ":*".
Result<std::string> group_of(const Scope& scope, std::string text) {
  if (!text.starts_with("arn:")) return text;
  if (text.ends_with(":*")) text.resize(text.size() - 2);
  const std::string front = domain::group_arn(scope, "");
  if (!text.starts_with(front) || text.find(':', front.size()) != std::string::npos)
    return Error{Fault::not_found, "The specified log group does not exist."};
  return text.substr(front.size());
}

Result<std::string> group_of(const Scope& scope, const std::optional<std::string>& name,
                             const std::optional<std::string>& identifier) {
  if (name && identifier)
    return invalid("LogGroup name and LogGroup identifier are mutually exclusive.");
  if (!name && !identifier)
    return invalid("Either logGroupName or logGroupIdentifier must be given.");
  return group_of(scope, name ? *name : *identifier);
}

Status check_batch(const std::vector<InputEvent>& events) {
  std::size_t bytes = 0;
  for (const InputEvent& e : events) bytes += e.message.size() + kEventOverhead;
  if (bytes > kMaxBatch)
    return invalid(fmt::format("Upload too large: {} bytes exceeds limit of {}", bytes, kMaxBatch));
  const bool ordered = std::is_sorted(
      events.begin(), events.end(),
      [](const InputEvent& a, const InputEvent& b) { return a.timestamp < b.timestamp; });
  if (!ordered)
    return invalid("Log events in a single PutLogEvents request must be in chronological order.");
  if (!events.empty() && events.back().timestamp - events.front().timestamp > kMaxBatchSpanMs)
    return invalid(
        "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  return done;
}

class Api {
 public:
  explicit Api(domain::Logs* logs) : logs_(logs) {}

  Task<Nothing> create_group(const Context& c, CreateLogGroupInput in) {
    CO_TRY(Unit good, check_group(in.group));
    (void)good;
    if (lower_ascii(in.group).starts_with("aws/"))
      co_return invalid("Log groups starting with AWS/ are reserved for AWS.");
    if (in.kms_key_id) co_return invalid("kmsKeyId: this server has no KMS.");
    CO_TRY(Unit made, co_await logs_->create_group(c.scope, in.group, std::move(in.tags)));
    (void)made;
    co_return Nothing{};
  }
  Task<Nothing> delete_group(const Context& c, GroupInput in) {
    CO_TRY(Unit gone, co_await logs_->remove_group(c.scope, in.group));
    (void)gone;
    co_return Nothing{};
  }
  Task<DescribeLogGroupsOutput> describe_groups(const Context& c, DescribeLogGroupsInput in) {
    if (in.prefix && in.pattern)
      co_return invalid(
          "LogGroup name prefix and LogGroup name pattern are mutually exclusive "
          "parameters.");
    domain::GroupQuery query;
    query.prefix = in.prefix.value_or("");
    query.part = in.pattern.value_or("");
    query.token = in.next_token.value_or("");
    query.limit = static_cast<std::size_t>(in.limit.value_or(50));
    CO_TRY(auto page, co_await logs_->groups(c.scope, std::move(query)));
    DescribeLogGroupsOutput out;
    for (const domain::Group& group : page.groups) {
      LogGroupShape shape;
      shape.name = group.name;
      shape.created = to_ms(group.created);
      shape.retention_days = group.retention_days;
      shape.log_group_arn = domain::group_arn(c.scope, group.name);
      shape.arn = shape.log_group_arn + ":*";
      shape.stored_bytes = static_cast<std::int64_t>(group.bytes);
      out.groups.push_back(std::move(shape));
    }
    if (!page.next_token.empty()) out.next_token = std::move(page.next_token);
    co_return out;
  }
  Task<Nothing> retention(const Context& c, std::string group, std::optional<std::int32_t> days) {
    if (days &&
        std::find(std::begin(kRetentions), std::end(kRetentions), *days) == std::end(kRetentions))
      co_return invalid(
          fmt::format("1 validation error detected: Value '{}' at "
                      "'retentionInDays' failed to satisfy constraint: Member must "
                      "satisfy enum value set: [{}]",
                      *days, fmt::join(kRetentions, ", ")));
    CO_TRY(Unit set, co_await logs_->set_retention(c.scope, std::move(group), days));
    (void)set;
    co_return Nothing{};
  }

  Task<Nothing> create_stream(const Context& c, StreamInput in) {
    CO_TRY(Unit good, check_stream(in.stream));
    CO_TRY(Unit made, co_await logs_->create_stream(c.scope, in.group, in.stream));
    (void)good, (void)made;
    co_return Nothing{};
  }
  Task<Nothing> delete_stream(const Context& c, StreamInput in) {
    CO_TRY(Unit gone, co_await logs_->remove_stream(c.scope, in.group, in.stream));
    (void)gone;
    co_return Nothing{};
  }
  Task<DescribeLogStreamsOutput> describe_streams(const Context& c, DescribeLogStreamsInput in) {
    domain::StreamQuery query;
    CO_TRY(query.group, group_of(c.scope, in.group, in.identifier));
    query.by_time = in.order_by.value_or("") == "LastEventTime";
    if (query.by_time && in.prefix)
      co_return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
    query.prefix = in.prefix.value_or("");
    query.token = in.next_token.value_or("");
    query.descending = in.descending.value_or(false);
    query.limit = static_cast<std::size_t>(in.limit.value_or(50));
    const std::string front = domain::group_arn(c.scope, query.group) + ":log-stream:";
    CO_TRY(auto page, co_await logs_->streams(c.scope, std::move(query)));
    DescribeLogStreamsOutput out;
    for (const domain::Stream& stream : page.streams) {
      LogStreamShape shape;
      shape.name = stream.name;
      shape.created = to_ms(stream.created);
      if (stream.first_event) shape.first_event = to_ms(*stream.first_event);
      if (stream.last_event) shape.last_event = to_ms(*stream.last_event);
      if (stream.last_ingestion) shape.last_ingestion = to_ms(*stream.last_ingestion);
      shape.upload_sequence_token = kSequenceToken;
      shape.arn = front + stream.name;
      out.streams.push_back(std::move(shape));
    }
    if (!page.next_token.empty()) out.next_token = std::move(page.next_token);
    co_return out;
  }

  Task<GetLogEventsOutput> get_events(const Context& c, GetLogEventsInput in) {
    domain::ReadQuery query;
    CO_TRY(query.group, group_of(c.scope, in.group, in.identifier));
    query.stream = std::move(in.stream);
    query.token = in.next_token.value_or("");
    query.start_ms = in.start;
    query.end_ms = in.end;
    query.limit = static_cast<std::size_t>(in.limit.value_or(10'000));
    query.from_head = in.from_head.value_or(false);
    CO_TRY(auto page, co_await logs_->read(c.scope, std::move(query)));
    GetLogEventsOutput out;
    for (domain::LogEvent& e : page.events)
      out.events.push_back({to_ms(e.time), std::move(e.message), to_ms(e.ingested)});
    out.forward_token = std::move(page.forward_token);
    out.backward_token = std::move(page.backward_token);
    co_return out;
  }
  Task<FilterLogEventsOutput> filter_events(const Context& c, FilterLogEventsInput in) {
    domain::FilterQuery query;
    CO_TRY(query.group, group_of(c.scope, in.group, in.identifier));
    if (!in.streams.empty() && in.stream_prefix)
      co_return invalid("logStreamNames and logStreamNamePrefix are mutually exclusive.");
    query.streams = std::move(in.streams);
    query.stream_prefix = in.stream_prefix.value_or("");
    query.start_ms = in.start;
    query.end_ms = in.end;
    CO_TRY(query.pattern, domain::Pattern::parse(in.pattern.value_or("")));
    query.token = in.next_token.value_or("");
    query.limit = static_cast<std::size_t>(in.limit.value_or(10'000));
    CO_TRY(auto page, co_await logs_->filter(c.scope, std::move(query)));
    FilterLogEventsOutput out;
    for (domain::LogEvent& e : page.events)
      out.events.push_back({e.stream, to_ms(e.time), std::move(e.message), to_ms(e.ingested),
                            domain::position_text({to_ms(e.time), e.seq})});
    if (!page.next_token.empty()) out.next_token = std::move(page.next_token);
    co_return out;
  }
  Task<PutLogEventsOutput> put_events(const Context& c, PutLogEventsInput in, Instant now) {
    CO_TRY(Unit good, check_batch(in.events));
    (void)good;
    PutLogEventsOutput out;
    out.next_sequence_token = kSequenceToken;
    RejectedEvents rejected;
    std::vector<domain::LogLine> lines;
    for (std::size_t i = 0; i < in.events.size(); ++i) {
      InputEvent& e = in.events[i];
      if (e.timestamp > to_ms(now) + kTooNewMs) {
        if (!rejected.too_new_start) rejected.too_new_start = static_cast<std::int32_t>(i);
      } else if (e.timestamp < to_ms(now) - kTooOldMs) {
        rejected.too_old_end = static_cast<std::int32_t>(i + 1);
      } else {
        lines.push_back({e.timestamp, std::move(e.message)});
      }
    }
    if (rejected.too_new_start || rejected.too_old_end) out.rejected = rejected;
    CO_TRY(Unit kept, co_await logs_->put(c.scope, in.group, in.stream, std::move(lines)));
    (void)kept;
    co_return out;
  }

  Task<TagsOutput> list_tags(const Context& c, std::string resource) {
    CO_TRY(std::string group, group_of(c.scope, std::move(resource)));
    CO_TRY(domain::Group found, co_await logs_->find_group(c.scope, group));
    co_return TagsOutput{std::move(found.tags)};
  }
  Task<Nothing> tag(const Context& c, std::string resource, TagMap more,
                    std::vector<std::string> less) {
    CO_TRY(std::string group, group_of(c.scope, std::move(resource)));
    CO_TRY(Unit tagged,
           co_await logs_->tag(c.scope, std::move(group), std::move(more), std::move(less)));
    (void)tagged;
    co_return Nothing{};
  }
  Instant now() const { return logs_->now(); }

 private:
  // Sequence tokens have not been looked at since 2023; old clients want one.
  static constexpr char kSequenceToken[] =
      "49590302735249211894217213243247465386713232563428274178";

  domain::Logs* logs_;
};

}  // namespace

void mount(wire::Table& table, const Parts& parts) {
  auto api = std::make_shared<Api>(parts.logs);
  table.add(kCreateGroup, [api](const Context& c, CreateLogGroupInput in) {
    return api->create_group(c, std::move(in));
  });
  table.add(kDeleteGroup,
            [api](const Context& c, GroupInput in) { return api->delete_group(c, std::move(in)); });
  table.add(kDescribeGroups, [api](const Context& c, DescribeLogGroupsInput in) {
    return api->describe_groups(c, std::move(in));
  });
  table.add(kPutRetention, [api](const Context& c, RetentionInput in) {
    return api->retention(c, std::move(in.group), in.days);
  });
  table.add(kDeleteRetention, [api](const Context& c, GroupInput in) {
    return api->retention(c, std::move(in.group), std::nullopt);
  });
  table.add(kCreateStream, [api](const Context& c, StreamInput in) {
    return api->create_stream(c, std::move(in));
  });
  table.add(kDeleteStream, [api](const Context& c, StreamInput in) {
    return api->delete_stream(c, std::move(in));
  });
  table.add(kDescribeStreams, [api](const Context& c, DescribeLogStreamsInput in) {
    return api->describe_streams(c, std::move(in));
  });
  table.add(kGetEvents, [api](const Context& c, GetLogEventsInput in) {
    return api->get_events(c, std::move(in));
  });
  table.add(kFilterEvents, [api](const Context& c, FilterLogEventsInput in) {
    return api->filter_events(c, std::move(in));
  });
  table.add(kPutEvents, [api](const Context& c, PutLogEventsInput in) {
    return api->put_events(c, std::move(in), api->now());
  });
  table.add(kListTags, [api](const Context& c, ResourceInput in) {
    return api->list_tags(c, std::move(in.arn));
  });
  table.add(kTag, [api](const Context& c, TagResourceInput in) {
    return api->tag(c, std::move(in.arn), std::move(in.tags), std::vector<std::string>{});
  });
  table.add(kUntag, [api](const Context& c, UntagResourceInput in) {
    return api->tag(c, std::move(in.arn), TagMap{}, std::move(in.keys));
  });
  table.add(kListGroupTags, [api](const Context& c, GroupInput in) {
    return api->list_tags(c, std::move(in.group));
  });
  table.add(kTagGroup, [api](const Context& c, TagGroupInput in) {
    return api->tag(c, std::move(in.group), std::move(in.tags), std::vector<std::string>{});
  });
  table.add(kUntagGroup, [api](const Context& c, UntagGroupInput in) {
    return api->tag(c, std::move(in.group), TagMap{}, std::move(in.keys));
  });
  mount_refused(table);
}

}  // namespace tidegate::api::logs
