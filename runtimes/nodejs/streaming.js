// Handlers that stream their answer (awslambda.streamifyResponse). What they write is gathered and
// answered when the stream ends: that is what a caller of Invoke gets on AWS, too.
'use strict';

const { Writable } = require('stream');

const { stringify: toJson } = JSON;
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const GAP = Buffer.alloc(8);  // between the prelude and the body

class ResponseStream extends Writable {
  constructor() {
    super({ decodeStrings: true });
    this.pieces = [];
    this.contentType = 'application/octet-stream';
  }

  setContentType(type) {
    if (this.pieces.length > 0) throw new Error('Cannot set content-type, too late.');
    this.contentType = type;
  }

  write(piece, ...more) {
    const bytes = typeof piece === 'string' || piece instanceof Uint8Array;
    return super.write(bytes ? piece : toJson(piece), ...more);
  }

  end(piece, ...more) {
    if (piece === undefined || piece === null || typeof piece === 'function')
      return super.end(piece, ...more);
    this.write(piece, typeof more[0] === 'string' ? more[0] : undefined);
    return super.end(...more.filter((one) => typeof one === 'function'));
  }

  _write(piece, encoding, done) {
    if (this.pieces.length === 0)
      this._onBeforeFirstWrite?.((front) => this.pieces.push(Buffer.from(front)));
    this.pieces.push(piece);
    done();
  }

  get body() {
    return Buffer.concat(this.pieces);
  }
}

class HttpResponseStream {
  static from(stream, prelude) {
    stream.setContentType(PRELUDE_TYPE);
    stream._onBeforeFirstWrite = (write) => {
      write(toJson(prelude));
      write(GAP);
    };
    return stream;
  }
}

// What handlers find in the global scope when they are loaded.
function offer() {
  globalThis.awslambda = {
    streamifyResponse(handler) {
      handler[STREAMING] = 'response';
      return handler;
    },
    HttpResponseStream,
  };
}

const isStreaming = (handler) => handler[STREAMING] === 'response';

// The stream when all of it is there; throws what the handler throws.
async function gather(handler, event, context) {
  const stream = new ResponseStream();
  const failed = new Promise((_, reject) => stream.on('error', reject));
  failed.catch(() => {});
  const result = handler(event, stream, context);
  if (typeof result?.then !== 'function')
    throw 'Streaming does not support non-async handlers.';  // as a text, on AWS too
  if ((await Promise.race([result, failed])) !== undefined)
    console.warn('Streaming handlers ignore return values.');
  if (!stream.writableEnded) throw 'Response stream is not finished.';
  if (!stream.writableFinished)
    await Promise.race([new Promise((resolve) => stream.on('finish', resolve)), failed]);
  return stream;
}

module.exports = { gather, isStreaming, offer };
