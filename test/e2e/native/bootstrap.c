/* A custom runtime in C, with the C library only: asks for an event, does what the event's text
 * names, answers. Linked statically, as most custom runtimes are. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char in[1 << 16], event[1 << 16], id[64];

static int connect_to_api(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9001)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int made = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(made, (struct sockaddr*)&to, sizeof to) != 0) exit(90);
  return made;
}

/* One exchange; `headers` are whole lines or "". The answer's body is then in `event`, the id of an event in `id`. */
static int call(const char* method, const char* path, const char* headers, const char* data, int size) {
  static int api = -1;
  if (api < 0) api = connect_to_api();
  char head[1024];
  int n = snprintf(head, sizeof head,
                   "%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: x\r\n%s"
                   "Content-Length: %d\r\n\r\n",
                   method, path, headers, size);
  struct iovec parts[2] = {{head, n}, {(void*)data, size}}; /* in one piece: no waiting for an acknowledgement */
  if (writev(api, parts, 2) != n + size) exit(91);
  int have = 0;
  while (1) {
    int got = read(api, in + have, sizeof in - 1 - have);
    if (got <= 0) exit(92);
    have += got;
    in[have] = 0;
    char* end = strstr(in, "\r\n\r\n");
    char* length = strcasestr(in, "content-length: ");
    if (!end || !length) continue;
    int want = atoi(length + 16);
    if (have < end + 4 - in + want) continue;
    memcpy(event, end + 4, want);
    event[want] = 0;
    char* at = strcasestr(in, "lambda-runtime-aws-request-id: ");
    if (at) sscanf(at + 31, "%63[^\r]", id);
    return atoi(in + 9);
  }
}

static int answer(const char* what, const char* headers, const char* data, int size) {
  char path[128];
  snprintf(path, sizeof path, "invocation/%s/%s", id, what);
  return call("POST", path, headers, data, size);
}

#include "misdeeds.h"

int main(void) {
  misbehave(getenv("_HANDLER"));
  while (call("GET", "invocation/next", "", "", 0) == 200) {
    if (misbehave(event)) continue;
    if (strstr(event, "fail")) {
      const char* text = "{\"errorMessage\":\"no\",\"errorType\":\"Bad\",\"stackTrace\":[]}";
      answer("error", "", text, strlen(text));
    } else if (strstr(event, "binary")) {
      answer("response", "Content-Type: image/png\r\n", "\x89PNG\r\n\x1a\n\0\xff", 10);
    } else if (strstr(event, "environment")) {
      const char* text = getenv("AWS_EXECUTION_ENV");
      answer("response", "", text ? "set" : "unset", text ? 3 : 5);
    } else if (strstr(event, "exchanges")) { /* microseconds of each with the Runtime API */
      char text[4096];
      int size = 0;
      for (int i = 0; i < 200; ++i) {
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        call("POST", "invocation/none/response", "", "1", 1);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double spent = (to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) / 1e3;
        size += sprintf(text + size, "%c%.2f", i ? ',' : '[', spent);
      }
      answer("response", "", text, size + sprintf(text + size, "]"));
    } else {
      printf("echo %s\n", event);
      fflush(stdout);
      answer("response", "Content-Type: application/json\r\n", event, strlen(event));
    }
  }
  return 1;
}
