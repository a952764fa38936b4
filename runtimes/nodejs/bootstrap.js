// The first program inside a Node.js function's sandbox: loads the handler, then asks for one event
// after the other over the Runtime API and answers with what the handler made of it.
//
// What a handler can observe is AWS's behaviour: its promise is the answer; without one, a callback
// (which waits until the event loop is empty, unless told not to) or the end of the loop is.
'use strict';

const { Client } = require('./client.js');
const { buildContext } = require('./context.js');
const errors = require('./errors.js');
const { load } = require('./loader.js');
const log = require('./log.js');
const streaming = require('./streaming.js');

const { parse: fromJson } = JSON;

// What happens when the event loop runs empty; set anew by every event. Before the first: the
// handler's module waits for something that never comes, for which Node.js has a status.
let whenIdle = () => {
  process.exitCode = 13;
};

class Runtime {
  constructor(client, handler) {
    this.client = client;
    this.handler = handler;
    this.streams = streaming.isStreaming(handler);
    this.isAsync = this.streams || handler.constructor.name === 'AsyncFunction';
    this.requestId = '';
    this.answered = true;
  }

  async next() {
    const { headers, body } = await this.client.next();
    this.requestId = headers['lambda-runtime-aws-request-id'];
    this.answered = false;
    log.setRequestId(this.requestId);
    if (headers['lambda-runtime-trace-id']) {
      process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    } else {
      delete process.env._X_AMZN_TRACE_ID;
    }
    this.serve(headers, body);
  }

  serve(headers, body) {
    const event = new Event(this);
    whenIdle = () => event.loopEnded();
    try {
      const given = fromJson(body.toString('utf8')), context = event.context(headers);
      const result = this.streams ? streaming.gather(this.handler, given, context)
        : this.handler(given, context, event.callback);
      if (result && typeof result.then === 'function')
        result.then(event.succeed, event.fail).catch(event.fail);
    } catch (error) {
      event.callback(error);
    }
  }

  respond(result) {
    const body = this.streams ? result.body : errors.stringify(result);  // may throw: then nothing was answered
    this.answered = true;
    this.client.respond(this.requestId, body, this.streams ? result.contentType : undefined);
    this.next().catch(giveUp);
  }

  report(error) {
    log.logError('Invoke Error', error);
    this.answered = true;
    this.client.fail(this.requestId, errors.documentOf(error));
    this.next().catch(giveUp);
  }
}

// One event's ways to end; the first that is taken counts.
class Event {
  constructor(runtime) {
    this.runtime = runtime;
    this.waits = true;
    this.ended = false;
    this.callback = this.once((error, result) => {
      whenIdle = () => {};
      if (error !== undefined && error !== null) return runtime.report(error);
      if (!this.waits) return runtime.respond(result);
      whenIdle = () => setImmediate(() => this.respondLate(result));
    });
    const done = (error, result) => {
      whenIdle = () => {};
      if (error !== undefined && error !== null) return runtime.report(error);
      runtime.respond(result);
    };
    this.done = this.once(done);
    this.succeed = this.once((result) => done(null, result));
    this.fail = this.once((error) => done(error ?? 'handled'));
  }

  // An end that throws (a result that is no JSON) was none.
  once(action) {
    return (...given) => {
      if (this.ended) return;
      action(...given);
      this.ended = true;
    };
  }

  respondLate(result) {
    whenIdle = () => {};
    try {
      this.runtime.respond(result);
    } catch (error) {
      this.runtime.report(error);
    }
  }

  loopEnded() {
    whenIdle = () => {};
    this.ended = true;
    if (this.runtime.isAsync) {
      this.runtime.report(new errors.NodeJsExit());
    } else {
      this.runtime.respond(null);
    }
  }

  context(headers) {
    const event = this;
    const base = {
      get callbackWaitsForEmptyEventLoop() {
        return event.waits;
      },
      set callbackWaitsForEmptyEventLoop(value) {
        event.waits = value;
      },
    };
    if (!this.runtime.streams)
      Object.assign(base, { succeed: this.succeed, fail: this.fail, done: this.done });
    return buildContext(base, headers);
  }
}

// The server has no more events for this process, or cannot be reached.
function giveUp() {
  process.exit(1);
}

async function main() {
  log.patchConsole();
  const client = new Client(process.env.AWS_LAMBDA_RUNTIME_API);
  let runtime = null;
  // Nobody caught it: the event in work gets it, or the init; the process cannot be trusted further.
  const die = async (title, error, status) => {
    try {
      log.logError(title, error);
      const document = errors.documentOf(error);
      if (runtime === null) {
        await client.failInit(document);
      } else if (!runtime.answered) {
        runtime.answered = true;
        await client.fail(runtime.requestId, document);
      }
    } finally {
      process.exit(status);
    }
  };
  process.on('uncaughtException', (error) => die('Uncaught Exception', error, 129));
  process.on('unhandledRejection', (reason, promise) =>
    die('Unhandled Promise Rejection', new errors.UnhandledPromiseRejection(reason, promise), 128));
  process.on('beforeExit', () => whenIdle());
  streaming.offer();
  let handler;
  try {
    handler = await load(process.env.LAMBDA_TASK_ROOT || process.cwd(), process.env._HANDLER);
  } catch (error) {
    return die('Uncaught Exception', error, 129);
  }
  // A promise that was rejected while the handler was loaded is told as that, not as an event's.
  await new Promise(setImmediate);
  whenIdle = () => {};
  runtime = new Runtime(client, handler);
  runtime.next().catch(giveUp);
}

main();
