/* What a custom runtime can do wrong, by name: at its start (the handler's name) or with an event.
 * A misdeed that returns true has answered the event; after the others the event is answered as
 * any. */
#pragma once

#define MB (1 << 20)
static char megabytes[8 * MB];

static int say(const char* text) {
  char quoted[256];
  answer("response", "", quoted, snprintf(quoted, sizeof quoted, "\"%s\"", text));
  return 1;
}

/* Sends as much of a text as is taken, over a connection of its own. */
static int send_raw(int to, const char* text, int size) {
  while (size > 0) {
    int sent = send(to, text, size, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    text += sent, size -= sent;
  }
  return 1;
}

static int response_begun(const char* headers, const char* body) {
  char head[512];
  int to = connect_to_api();
  send_raw(
      to, head,
      snprintf(
          head, sizeof head,
          "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", id,
          headers, body));
  return to;
}

static int status_of(int from) {
  int got = recv(from, event, sizeof event - 1, MSG_WAITALL);
  close(from);
  event[got > 0 ? got : 0] = 0;
  return got > 9 ? atoi(event + 9) : 0;
}

static int crash(void) {
  return raise(SIGSEGV);
}
static int loop(void) {
  for (;;) continue;
}
static int hang(void) {
  for (;;) pause();
}
static int exits(void) {
  exit(3);
}
static int leave(void) {
  exit(0);
}
static int stop(void) {
  return raise(SIGSTOP);
}
static int overflow(void) {
  volatile char page[4096];
  page[0] = 1;
  return overflow() + page[0];
}
static int deep(void) {
  return overflow() < 0;
}

static int signals(void) {
  const char* in_event = strpbrk(event, "0123456789");
  kill(getpid(), atoi(in_event ? in_event : strpbrk(getenv("_HANDLER"), "0123456789")));
  return hang();
}

static int unkind(void) { /* to everybody else in the sandbox; its first process does not mind */
  if (fork() == 0) hang();
  kill(getppid(), SIGKILL), kill(getppid(), SIGSTOP), kill(1, SIGTERM), kill(-1, SIGKILL);
  return 0;
}

static int deaf(void) {
  for (int n = 1; n < 65; ++n) signal(n, SIG_IGN);
  return loop();
}

static int other_program(void) {
  return execl("/usr/bin/false", "false", (char*)0);
}
static int sleeper(void) {
  return execl("/usr/bin/sleep", "sleep", "1000", (char*)0);
}

static int twice(void) {
  answer("response", "", "\"one\"", 5);
  answer("response", "", "\"two\"", 5);
  return 1;
}

static int wrong_id(void) {
  return call("POST", "invocation/none/response", "", "1", 1) == 400 &&
                 call("GET", "nothing", "", "", 0) == 404
             ? say("refused")
             : say("taken");
}

static int half_an_answer(void) {
  close(response_begun("Content-Length: 100", "{\"half\":"));
  return 0;
}

static int half_and_exit(void) {
  half_an_answer();
  return exits();
}
static int half_and_hang(void) {
  response_begun("Content-Length: 100", "{\"half\":");
  return hang();
}
static int half_a_head(void) {
  send_raw(connect_to_api(), "POST /2018", 10);
  return 0;
}

static int slow(void) {
  int to = response_begun("Content-Length: 20", "");
  for (int i = 0; i < 20; ++i) usleep(10000), send_raw(to, i == 0 || i == 19 ? "\"" : "s", 1);
  shutdown(to, SHUT_WR);
  return status_of(to) == 202;
}

static int chunks(void) {
  int to = response_begun("Transfer-Encoding: chunked", "2\r\n[1\r\n");
  send_raw(to, "3\r\n,2]\r\n0\r\n\r\n", 13);
  shutdown(to, SHUT_WR);
  return status_of(to) == 202;
}

static int endless_chunks(void) {
  int to = response_begun("Transfer-Encoding: chunked", "");
  memset(megabytes, 'x', sizeof megabytes);
  while (send_raw(to, "100000\r\n", 8) && send_raw(to, megabytes, MB) && send_raw(to, "\r\n", 2))
    continue;
  return 1;
}

static int endless_head(void) {
  int to = connect_to_api();
  send_raw(to, "GET /", 5);
  memset(megabytes, 'x', sizeof megabytes);
  while (send_raw(to, megabytes, MB)) continue;
  return 0;
}

static int too_large(void) {
  char head[64];
  int size = 6291557;
  memset(megabytes, 'x', size);
  snprintf(head, sizeof head, "Content-Length: %d", size);
  int to = response_begun(head, "");
  send_raw(to, megabytes, size);
  shutdown(to, SHUT_WR);
  return status_of(to) == 413;
}

static int an_error_too_large(void) {
  memset(megabytes, 'x', sizeof megabytes);
  char head[256];
  int to = connect_to_api();
  send_raw(to, head,
           sprintf(head,
                   "POST /2018-06-01/runtime/invocation/%s/error HTTP/1.1\r\nHost: x\r\n"
                   "Content-Length: %d\r\n\r\n",
                   id, 7 * MB));
  send_raw(to, megabytes, 7 * MB);
  shutdown(to, SHUT_WR);
  return status_of(to) == 413;
}

static int child_that_stays(void) {
  if (fork() == 0) hang();
  return 0;
}

static int child_that_answers(void) {
  pid_t child = fork();
  if (child == 0) {
    char whole[32];
    int to = response_begun("Content-Length: 7", "\"child\"");
    recv(to, whole, sizeof whole, 0);
    _exit(0);
  }
  waitpid(child, 0, 0);
  return 1;
}

static int child_that_prints(void) { /* and goes on printing while others are served */
  if (fork() == 0)
    for (;;) usleep(1000), dprintf(1, "still here\n");
  return 0;
}

static int zombies(void) {
  for (int i = 0; i < 100; ++i)
    if (fork() == 0) _exit(0);
  return 0;
}

static int fork_bomb(void) {
  for (;;) fork();
}

static int leave_afterwards(void) {
  say("said");
  exit(7);
}
static int dawdle_afterwards(void) {
  say("said");
  return hang();
}

static int close_output(void) {
  close(1), close(2);
  return 0;
}

static int flood(void) { /* one line of a megabyte, and no end of it */
  memset(megabytes, 'f', MB);
  for (int n = 0, part; n < MB; n += part)
    if ((part = write(1, megabytes + n, MB - n)) <= 0) break;
  return 0;
}

static int endless_flood(void) {
  for (;;) flood();
}
static int bytes(void) {
  return write(1, "a\0b\xff\xfe\xc3(\xed\xa0\x80\x1b[31mz\n", 17) > 99;
}
static int no_newline(void) {
  return write(2, "unfinished", 10) > 99;
}
static int prints_and_dies(void) {
  return no_newline() + crash();
}

static int full_tmp(void) {
  int file = open("/tmp/full", O_CREAT | O_WRONLY, 0600);
  while (write(file, megabytes, MB) > 0) continue;
  int why = errno;
  close(file), unlink("/tmp/full");
  return say(strerror(why));
}

static int descriptors(void) {
  int all[2000], n = 0;
  while (n < 2000 && (all[n] = open("/dev/null", O_RDONLY)) >= 0) ++n;
  int why = errno;
  while (n > 0) close(all[--n]);
  return say(strerror(why));
}

static int memory(void) {
  for (int i = 0; i < 1024; ++i) {
    char* more = malloc(MB);
    if (!more) return say("no more");
    memset(more, 1, MB);
  }
  return say("all of it");
}

static int itself(void) {
  return unlink("/var/task/bootstrap") == 0 || open("/var/task/bootstrap", O_WRONLY) >= 0
             ? say("changed")
             : say(strerror(errno));
}

static int init_error(void) {
  const char* text = "{\"errorMessage\":\"cannot start\",\"errorType\":\"Native.Bad\"}";
  return call("POST", "init/error", "Lambda-Runtime-Function-Error-Type: Function.Bad\r\n", text,
              strlen(text));
}
static int init_error_and_stay(void) {
  init_error();
  return hang();
}
static int init_error_and_leave(void) {
  init_error();
  exit(0);
}

static int daemon_like(void) { /* its parent leaves, which is what counts */
  if (fork() != 0) exit(0);
  return 0;
}

static int slow_start(void) {
  return usleep(1200000);
}

static const struct {
  const char* name;
  int (*act)(void);
} misdeeds[] = {
    {"an error too large", an_error_too_large},
    {"bytes", bytes},
    {"child that answers", child_that_answers},
    {"child that prints", child_that_prints},
    {"child that stays", child_that_stays},
    {"chunks", chunks},
    {"close output", close_output},
    {"crash", crash},
    {"daemon", daemon_like},
    {"dawdle", dawdle_afterwards},
    {"deaf", deaf},
    {"descriptors", descriptors},
    {"endless chunks", endless_chunks},
    {"endless flood", endless_flood},
    {"endless head", endless_head},
    {"exit", exits},
    {"flood", flood},
    {"fork bomb", fork_bomb},
    {"full tmp", full_tmp},
    {"half a head", half_a_head},
    {"half an answer", half_an_answer},
    {"half and exit", half_and_exit},
    {"half and hang", half_and_hang},
    {"hang", hang},
    {"init error and leave", init_error_and_leave},
    {"init error and stay", init_error_and_stay},
    {"itself", itself},
    {"leave", leave},
    {"leave afterwards", leave_afterwards},
    {"loop", loop},
    {"memory", memory},
    {"no newline", no_newline},
    {"other program", other_program},
    {"prints and dies", prints_and_dies},
    {"signal", signals},
    {"sleeper", sleeper},
    {"slow", slow},
    {"slow start", slow_start},
    {"stack", deep},
    {"stop", stop},
    {"too large", too_large},
    {"twice", twice},
    {"unkind", unkind},
    {"wrong id", wrong_id},
    {"zombies", zombies},
};

/* True when it answered. `text` is a name, perhaps in quotes, perhaps with a number behind it; a
 * handler's name holds _ for each blank. */
static int misbehave(const char* text) {
  char name[64];
  snprintf(name, sizeof name, "%s", text + (*text == '"'));
  name[strcspn(name, "\"0123456789")] = 0;
  for (char* at = name; *at; ++at)
    if (*at == '_') *at = ' ';
  while (*name && name[strlen(name) - 1] == ' ') name[strlen(name) - 1] = 0;
  for (unsigned i = 0; i < sizeof misdeeds / sizeof *misdeeds; ++i)
    if (strcmp(misdeeds[i].name, name) == 0) return misdeeds[i].act();
  return 0;
}
