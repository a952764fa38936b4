// The Runtime API over one keep-alive connection, written and read by hand: Node's own HTTP client
// costs several times as much. The connection keeps the event loop alive only while an answer is
// awaited, so that a loop with nothing else to do counts as empty while a handler runs.
'use strict';

const net = require('net');

const { stringify: toJson } = JSON;
const PATH = '/2018-06-01/runtime/';
const HEAD_END = Buffer.from('\r\n\r\n');

class Client {
  constructor(address) {
    const colon = address.lastIndexOf(':');
    this.host = address;
    this.address = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    this.awaited = [];  // the answers to come, in the order of their requests
    this.pieces = [];
    this.have = 0;
    this.expected = 0;  // bytes of the answer that is being read, 0 while its head is not whole
    this.socket = null;
  }

  async next() {
    const answer = await this.call('GET', 'invocation/next');
    if (answer.status !== 200) throw new Error(`no event: status ${answer.status}`);
    return answer;
  }

  // Not awaited by the caller: the request for the next event follows on its heels.
  respond(requestId, body, type) {
    return this.post(`invocation/${requestId}/response`, body, '', type);
  }

  fail(requestId, document) {
    return this.post(`invocation/${requestId}/error`, toJson(document));
  }

  failInit(document) {
    return this.post('init/error', toJson(document),
      `Lambda-Runtime-Function-Error-Type: ${headerText(document.errorType)}\r\n`);
  }

  post(path, content, headers = '', type = 'application/json') {
    const body = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    const promise = this.call('POST', path,
      `${headers}Content-Type: ${headerText(type)}\r\nContent-Length: ${body.length}\r\n`, body);
    promise.catch(() => {});  // whoever does not await it hears of the end through next()
    return promise;
  }

  call(method, path, headers = '', body = null) {
    const socket = this.socket ?? this.connect();
    const head = `${method} ${PATH}${path} HTTP/1.1\r\nHost: ${this.host}\r\n${headers}\r\n`;
    if (this.awaited.length === 0) socket.ref();
    const promise = new Promise((resolve, reject) => this.awaited.push({ resolve, reject }));
    // Requests of the same turn go out in one piece.
    if (!socket.writableCorked) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    socket.write(head, 'latin1');
    if (body !== null) socket.write(body);
    return promise;
  }

  connect() {
    const socket = net.connect(this.address);
    socket.setNoDelay(true);
    socket.on('data', (piece) => this.read(piece));
    socket.on('error', () => {});  // 'close' follows
    socket.on('close', () => {
      this.socket = null;
      this.pieces = [];
      this.have = this.expected = 0;
      const lost = this.awaited;
      this.awaited = [];
      for (const { reject } of lost) reject(new Error('the Runtime API closed the connection'));
    });
    this.socket = socket;
    return socket;
  }

  read(piece) {
    this.pieces.push(piece);
    this.have += piece.length;
    while (this.have > 0 && this.have >= this.expected) {
      const all = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
      this.pieces = [all];
      const end = all.indexOf(HEAD_END);
      if (end < 0) return;
      const head = parseHead(all.toString('latin1', 0, end));
      const size = end + 4 + Number(head.headers['content-length'] ?? 0);
      if (this.have < size) {
        this.expected = size;
        return;
      }
      this.expected = 0;
      this.have -= size;
      this.pieces = this.have > 0 ? [all.subarray(size)] : [];
      const waiting = this.awaited.shift();
      if (this.awaited.length === 0) this.socket?.unref();
      waiting?.resolve({ ...head, body: all.subarray(end + 4, size) });
    }
  }
}

function parseHead(text) {
  const lines = text.split('\r\n');
  const headers = {};
  for (let i = 1; i < lines.length; ++i) {
    const colon = lines[i].indexOf(':');
    headers[lines[i].slice(0, colon).toLowerCase()] = lines[i].slice(colon + 1).trim();
  }
  return { status: Number(lines[0].split(' ', 2)[1]), headers };
}

function headerText(text) {
  return String(text).replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}

module.exports = { Client };
