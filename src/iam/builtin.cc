#include "iam/builtin.h"

#include <fmt/format.h>

namespace tidegate::iam {
namespace {

constexpr std::string_view kReadOnly =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",)"
    R"("lambda:Get*","lambda:List*","appconfig:Get*","appconfig:List*",)"
    R"("cloudwatch:Describe*","cloudwatch:Get*","cloudwatch:List*","cloudtrail:LookupEvents",)"
    R"("logs:Describe*","logs:Get*","logs:FilterLogEvents","iam:Get*","iam:List*",)"
    R"("iam:Simulate*","sts:Get*"],"Resource":"*"}]})";

constexpr Builtin kBuiltins[] = {
    {"/", "AdministratorAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"},
    {"/", "PowerUserAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*",)"
     R"("organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":[)"
     R"("iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles"],)"
     R"("Resource":"*"}]})"},
    {"/", "ReadOnlyAccess", kReadOnly},
    {"/", "AmazonS3FullAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*",)"
     R"("s3-object-lambda:*"],"Resource":"*"}]})"},
    {"/", "AmazonS3ReadOnlyAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*",)"
     R"("s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]})"},
    {"/", "IAMFullAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*"],)"
     R"("Resource":"*"}]})"},
    {"/", "IAMReadOnlyAccess",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:Get*","iam:List*",)"
     R"("iam:Simulate*"],"Resource":"*"}]})"},
    {"/service-role/", "AWSLambdaBasicExecutionRole",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup",)"
     R"("logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})"},
    {"/", "AWSLambdaExecute",
     R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*"],)"
     R"("Resource":"arn:aws:logs:*:*:*"},{"Effect":"Allow","Action":["s3:GetObject",)"
     R"("s3:PutObject"],"Resource":"arn:aws:s3:::*"}]})"},
};

}  // namespace

std::string Builtin::arn() const {
  return fmt::format("arn:aws:iam::aws:policy{}{}", path, name);
}

std::shared_ptr<const policy::Document> Builtin::document() const {
  static const auto kCompiled = [] {
    std::vector<std::shared_ptr<const policy::Document>> all;
    for (const Builtin& b : kBuiltins) {
      auto parsed = policy::parse(b.text, policy::Dialect::identity);
      CHECK(parsed.ok());
      all.push_back(std::make_shared<const policy::Document>(std::move(*parsed)));
    }
    return all;
  }();
  return kCompiled[static_cast<std::size_t>(this - kBuiltins)];
}

std::span<const Builtin> builtins() {
  return kBuiltins;
}

const Builtin* find_builtin(std::string_view arn) {
  for (const Builtin& b : kBuiltins)
    if (b.arn() == arn) return &b;
  return nullptr;
}

}  // namespace tidegate::iam
