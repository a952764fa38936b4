// The parts of the runtime that need no sandbox. Run by tools/nodetests.sh.
'use strict';

const assert = require('assert');
const fs = require('fs');
const net = require('net');
const { test } = require('node:test');
const { spawnSync } = require('child_process');
const { Client } = require('./client.js');
const errors = require('./errors.js');
const { splitName } = require('./loader.js');

// A server that answers each request with the next of `answers`, in pieces of `size` bytes.
function serve(answers, size) {
  const seen = [];
  const server = net.createServer((socket) => {
    socket.on('data', (bytes) => {
      seen.push(bytes.toString());
      let text = '';
      for (let n = bytes.toString().split(' HTTP/1.1\r\n').length - 1; n > 0; --n) text += answers.shift() ?? '';
      if (text === 'close') return socket.destroy();
      for (let at = 0; at < text.length; at += size) socket.write(text.slice(at, at + size));
    });
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({ seen, server, client: new Client(`127.0.0.1:${server.address().port}`) })));
}

const answer = (status, body, headers = '') =>
  `HTTP/1.1 ${status} X\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test('answers are read however they are cut', async () => {
  for (const size of [1, 7, 1000]) {
    const { client, server } = await serve(
      [answer(200, 'first', 'Lambda-Runtime-Aws-Request-Id: a\r\n'), answer(202, ''), answer(200, 'x'.repeat(3000))],
      size);
    const first = await client.next();
    assert.deepStrictEqual([first.body.toString(), first.headers['lambda-runtime-aws-request-id']], ['first', 'a']);
    client.respond('a', '{}');
    assert.strictEqual((await client.next()).body.length, 3000);
    client.socket.destroy();
    server.close();
  }
});

test('a response and the request for the next event leave together', async () => {
  const { client, server, seen } = await serve([answer(202, ''), answer(200, 'e')], 1000);
  client.respond('id', '"ü"');
  await client.next();
  assert.strictEqual(seen.length, 1);
  assert.match(seen[0], /^POST \/2018-06-01\/runtime\/invocation\/id\/response .*Content-Length: 4\r\n\r\n"ü"GET /s);
  client.socket.destroy();
  server.close();
});

test('a closed connection and a refusal end the wait', async () => {
  const { client, server } = await serve(['close'], 1000);
  await assert.rejects(client.next(), /closed the connection/);
  server.close();
  const gone = await serve([answer(410, '{}')], 1000);
  await assert.rejects(gone.client.next(), /no event: status 410/);
  gone.client.socket.destroy();
  gone.server.close();
});

test('whatever is thrown is put into words', () => {
  const { trace, ...rest } = errors.documentOf(new TypeError('bad\x7f'));
  assert.deepStrictEqual(rest, { errorType: 'TypeError', errorMessage: 'bad%7F' });
  assert.match(trace[0], /^TypeError: bad/);
  assert.deepStrictEqual(errors.documentOf('text'), { errorType: 'string', errorMessage: 'text', trace: [] });
  assert.strictEqual(errors.documentOf(null).errorType, 'handled');
  assert.strictEqual(errors.stringify(undefined), 'null');
  assert.match(errors.logTextOf(Object.assign(new Error('e'), { code: 7 })), /"errorMessage":"e","code":7,"stack":\[/);
});

test('handler names', () => {
  assert.deepStrictEqual(splitName('a/b/file.x.y'), { folder: 'a/b/', file: 'file', members: ['x', 'y'] });
  assert.throws(() => splitName('file'), { name: 'Runtime.MalformedHandlerName' });
  assert.throws(() => splitName('a/../b.c'), { name: 'Runtime.MalformedHandlerName' });
});

// The console in a process of its own: what it prints, and what goes into descriptor 3.
function printed(code, env = {}) {
  const file = fs.openSync(`/tmp/tidegate-frames-${process.pid}`, 'w+');
  fs.unlinkSync(`/tmp/tidegate-frames-${process.pid}`);
  const done = spawnSync(process.execPath, ['-e', `
    const log = require('${__dirname}/log.js'); log.patchConsole(); log.setRequestId('id'); ${code}`],
  { env, stdio: ['ignore', 'pipe', 'inherit', file] });
  return { text: done.stdout.toString(), frames: fs.readFileSync(`/proc/self/fd/${file}`) };
}

test('the console as text', () => {
  const { text } = printed("console.log('a %d', 1, {b: 2}); console.error('two\\nlines'); console.debug('d')");
  const lines = text.trimEnd().split('\n').map((line) => line.split('\t').slice(1).join('|'));
  assert.deepStrictEqual(lines, ['id|INFO|a 1 { b: 2 }', 'id|ERROR|two\rlines', 'id|DEBUG|d']);
});

test('the console as JSON, from a level on', () => {
  const { text } = printed("console.info('no'); console.warn({k: [1]}); console.error('e', new TypeError('bad'))",
    { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'WARN' });
  const [warning, error] = text.trimEnd().split('\n').map(JSON.parse);
  assert.deepStrictEqual([warning.level, warning.requestId, warning.message], ['WARN', 'id', { k: [1] }]);
  assert.deepStrictEqual([error.errorType, error.errorMessage], ['TypeError', 'bad']);
});

test('the console as frames', () => {
  const { text, frames } = printed("console.warn('ü\\nx')", { _LAMBDA_TELEMETRY_LOG_FD: '3' });
  assert.strictEqual(text, '');
  assert.strictEqual(frames.readUInt32BE(0), 0xa55a0003 + 16 - 0);
  assert.strictEqual(frames.readUInt32BE(4), frames.length - 16);
  assert.ok(Math.abs(Number(frames.readBigInt64BE(8) / 1000n) - Date.now()) < 60000);
  assert.match(frames.subarray(16).toString(), /\tid\tWARN\tü\nx\n$/);
});

// process.stdout keeps something for each write until the code that writes lets go.
test('printing without pause holds no memory', () => {
  const done = spawnSync(process.execPath, ['--max-old-space-size=24', '-e', `
    const log = require('${__dirname}/log.js'); log.patchConsole(); log.setRequestId('id');
    process.stdout.write('first\\n');
    for (let i = 0; i < 300000; ++i) console.log('x'.repeat(200));`],
  { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  assert.strictEqual(done.signal, null, done.stderr.toString().slice(-2000));
  assert.strictEqual(done.stdout.toString().trimEnd().split('\n').length, 300001);
});
