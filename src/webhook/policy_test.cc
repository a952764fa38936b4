// Whom the server may call: the tables of what is refused are the point of this folder.
#include "webhook/policy.h"

#include <gtest/gtest.h>

namespace tidegate::webhook {
namespace {

TEST(Addresses, OnlyThePublicInternetIsPublic) {
  const std::pair<const char*, const char*> kRefused[] = {
      {"0.0.0.0", "this network"},
      {"0.1.2.3", "this network"},
      {"10.0.0.1", "private"},
      {"10.255.255.255", "private"},
      {"100.64.0.1", "shared"},
      {"100.127.255.255", "shared"},
      {"127.0.0.1", "loopback"},
      {"127.255.255.254", "loopback"},
      {"169.254.169.254", "link-local"},
      {"169.254.170.2", "link-local"},
      {"172.16.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.0.0.8", "reserved"},
      {"192.0.2.1", "documentation"},
      {"192.88.99.1", "reserved"},
      {"192.168.0.1", "private"},
      {"198.18.0.1", "benchmarking"},
      {"198.19.255.255", "benchmarking"},
      {"198.51.100.7", "documentation"},
      {"203.0.113.7", "documentation"},
      {"224.0.0.1", "multicast"},
      {"239.255.255.255", "multicast"},
      {"240.0.0.1", "reserved"},
      {"255.255.255.255", "reserved"},
      {"::", "unspecified"},
      {"::1", "loopback"},
      {"::2", "not global"},
      {"::127.0.0.1", "not global"},
      {"::ffff:127.0.0.1", "IPv4-mapped"},
      {"::ffff:169.254.169.254", "IPv4-mapped"},
      {"::ffff:93.184.216.34", "IPv4-mapped"},
      {"64:ff9b::7f00:1", "IPv4 behind a translator"},
      {"64:ff9b:1::a", "IPv4 behind a translator"},
      {"100::1", "not global"},
      {"fe80::1", "link-local"},
      {"febf::1", "link-local"},
      {"fec0::1", "site-local"},
      {"fc00::1", "private"},
      {"fd00:ec2::254", "private"},
      {"ff02::1", "multicast"},
      {"2001::1", "reserved"},
      {"2001:2::1", "reserved"},
      {"2001:db8::1", "documentation"},
      {"2002:7f00:1::", "IPv4 in a tunnel"},
      {"3fff::1", "documentation"},
      {"4000::1", "not global"},
  };
  for (const auto& [text, why] : kRefused) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(why_not_public(*address), why) << text;
  }
  for (const char* text :
       {"1.1.1.1",     "9.255.255.255",  "11.0.0.0",        "100.63.255.255",
        "100.128.0.0", "126.1.1.1",      "128.0.0.1",       "169.253.255.255",
        "169.255.0.0", "172.15.255.255", "172.32.0.0",      "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0",      "223.255.255.255",
        "2000::1",     "2001:200::1",    "2606:4700::1111", "2a00:1450:4001::1"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(why_not_public(*address), "") << text;
    EXPECT_EQ(to_string(*address), text);
  }
  EXPECT_FALSE(parse_address("localhost"));
  EXPECT_FALSE(parse_address("127.1"));
  EXPECT_FALSE(parse_address("0x7f000001"));
  EXPECT_FALSE(parse_address("fe80::1%eth0"));
}

TEST(Urls, ArePlainOrRefused) {
  const auto plain = parse_url("https://Hooks.Example.com./a/b?c=d");
  ASSERT_TRUE(plain.ok());
  EXPECT_TRUE(plain->tls);
  EXPECT_EQ(plain->host, "hooks.example.com");
  EXPECT_EQ(plain->port, 443);
  EXPECT_EQ(plain->target, "/a/b?c=d");
  EXPECT_EQ(parse_url("http://h:8080")->port, 8080);
  EXPECT_EQ(parse_url("http://h")->port, 80);
  EXPECT_EQ(parse_url("http://h?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://[::1]:9/")->host, "::1");
  for (const char* bad : {"",
                          "h",
                          "ftp://h/",
                          "HTTPS://h/",
                          "https://",
                          "https:///x",
                          "https://u@h/",
                          "https://u:p@h/",
                          "https://h/#f",
                          "https://h:0/",
                          "https://h:99999/",
                          "https://h:/",
                          "https://h:x/",
                          "https://h /",
                          "https://h/\r\nX: y",
                          "https://h\\@evil/",
                          "https://[::1/",
                          "https://[127.0.0.1]/",
                          "https://[fe80::1%25eth0]/",
                          "https://::1/",
                          "https://a..b/",
                          "https://-h/",
                          "https://h%2e/",
                          "https://h/\xc3\xa9",
                          "http://[::1]x/"})
    EXPECT_FALSE(parse_url(bad).ok()) << bad;
}

struct Case {
  const char* allow;
  const char* url;
  bool admitted;
};

TEST(AllowLists, NameHostsAndPorts) {
  const Case kCases[] = {
      {"", "https://h/", false},
      {"h", "https://h/", true},
      {"h", "http://h/", true},
      {"h", "https://h:8443/", false},
      {"h", "http://h:443/", false},
      {"h:8443", "https://h:8443/", true},
      {"h:8443", "https://h/", false},
      {"h:*", "https://h:8443/", true},
      {"H.Example.", "https://h.example/", true},
      {"*.example.com", "https://a.example.com/", true},
      {"*.example.com", "https://a.b.example.com/", true},
      {"*.example.com", "https://example.com/", false},
      {"*.example.com", "https://evilexample.com/", false},
      {"example.com", "https://a.example.com/", false},
      {"a, b  c", "https://b/", true},
      {"a, b  c", "https://d/", false},
      {"127.0.0.1:*", "http://127.0.0.1:1234/", true},
      {"127.0.0.1:*", "http://localhost:1234/", false},
      {"[::1]:*", "http://[::1]:1234/", true},
  };
  for (const Case& c : kCases) {
    const auto list = AllowList::parse(c.allow);
    const auto url = parse_url(c.url);
    ASSERT_TRUE(list.ok() && url.ok()) << c.allow << " " << c.url;
    EXPECT_EQ(list->admits(*url).ok(), c.admitted) << c.allow << " " << c.url;
  }
  for (const char* bad : {"h:", "h:0", "h:x", "*", "*.", "*.127.0.0.1", "h@", "h@10.0.0.0/33",
                          "h@name", "h@10.0.0.0/8+", "https://h", "h/path", "[h]", "u@h@10.0.0.1"})
    EXPECT_FALSE(AllowList::parse(bad).ok()) << bad;
}

struct AddressCase {
  const char* allow;
  const char* url;
  const char* address;
  bool admitted;
};

TEST(AllowLists, PermitAddressesThatAreNotPublicInSoManyWordsOnly) {
  const AddressCase kCases[] = {
      {"h", "https://h/", "1.1.1.1", true},
      {"h", "https://h/", "10.1.2.3", false},
      {"h", "https://h/", "::ffff:1.1.1.1", false},
      {"h@10.1.0.0/16", "https://h/", "10.1.2.3", true},
      {"h@10.1.0.0/16", "https://h/", "10.2.2.3", false},
      {"h@10.1.0.0/16", "https://h/", "::ffff:10.1.2.3", false},
      {"h@10.1.0.0/16+fd00::/8", "https://h/", "fd12::1", true},
      {"h@10.1.2.3", "https://h/", "10.1.2.3", true},
      {"h@10.1.2.3", "https://h/", "10.1.2.4", false},
      {"h@0.0.0.0/0", "https://h/", "169.254.169.254", true},
      {"h k@10.0.0.0/8", "https://h/", "10.1.2.3", false},
      {"127.0.0.1:*", "http://127.0.0.1:9/", "127.0.0.1", true},
      {"[::1]:*", "http://[::1]:9/", "::1", true},
      {"localhost:*", "http://localhost:9/", "127.0.0.1", false},
  };
  for (const AddressCase& c : kCases) {
    const auto list = AllowList::parse(c.allow);
    const auto url = parse_url(c.url);
    ASSERT_TRUE(list.ok() && url.ok()) << c.allow << " " << c.url;
    const Status said = list->address_check(*url)(*parse_address(c.address));
    EXPECT_EQ(said.ok(), c.admitted) << c.allow << " " << c.address;
    EXPECT_TRUE(said.ok() || said.fault() == Fault::access_denied);
  }
}

}  // namespace
}  // namespace tidegate::webhook
