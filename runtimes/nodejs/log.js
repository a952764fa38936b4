// console.* as AWS's runtime prints it: one record a line, with time, request id and level, or one
// JSON object; where _LAMBDA_TELEMETRY_LOG_FD names a pipe, framed records instead of lines.
'use strict';

const fs = require('fs');
const util = require('util');
const errors = require('./errors.js');

const { stringify: toJson } = JSON;
const ours = console;
const FRAME_JSON = 0xa55a0002, FRAME_TEXT = 0xa55a0003;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

// Kept where AWS's runtime keeps it, for libraries that look.
const REQUEST_ID = Symbol.for('aws.lambda.runtime.requestId');
const setRequestId = (id) => {
  globalThis[REQUEST_ID] = id;
};

function formatText(time, level, given) {
  return `${time}\t${globalThis[REQUEST_ID]}\t${level}\t${util.format(...given)}`;
}

function errorFields(error) {
  return { errorType: error?.constructor?.name ?? 'UnknownError', errorMessage: error.message,
    stackTrace: typeof error.stack === 'string' ? error.stack.split('\n') : [] };
}

function formatJson(time, level, given) {
  const record = { timestamp: time, level, requestId: globalThis[REQUEST_ID] };
  if (given.length === 1) {
    record.message = given[0];
    try {
      return toJson(record, (_, value) =>
        value instanceof Error ? { ...errorFields(value), ...value } : value);
    } catch {
      record.message = util.format(given[0]);
      return toJson(record);
    }
  }
  record.message = util.format(...given);
  const error = given.find((one) => one instanceof Error);
  return toJson(error ? { ...record, ...errorFields(error) } : record);
}

// Written before it returns. process.stdout keeps something for each write until the code that
// writes lets go, so that a function that prints without pause would run out of memory.
function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length;) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      // Once a function has touched process.stdout its pipe no longer waits; the reader catches up.
      if (error.code !== 'EAGAIN') return;  // it closed its output: nobody is to read this
      Atomics.wait(PAUSE, 0, 0, 1);
    }
  }
}

// A record of several lines stays one: its line breaks become carriage returns.
function toStdout(line) {
  writeAll(1, Buffer.from(line.replace(/\n/g, '\r') + '\n', 'utf8'));
}

function toFrames(fd, type) {
  return (line, level, ms) => {
    const message = Buffer.from(line, 'utf8');
    const head = Buffer.alloc(16);
    head.writeUInt32BE((type | ((LEVELS.indexOf(level) + 1) << 2)) >>> 0, 0);
    head.writeUInt32BE(message.length, 4);
    head.writeBigInt64BE(BigInt(ms) * 1000n, 8);
    writeAll(fd, Buffer.concat([head, message]));
  };
}

function patchConsole() {
  const json = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';
  const format = json ? formatJson : formatText;
  let write = toStdout;
  if (process.env._LAMBDA_TELEMETRY_LOG_FD !== undefined) {
    const frames = toFrames(Number(process.env._LAMBDA_TELEMETRY_LOG_FD),
      json ? FRAME_JSON : FRAME_TEXT);
    delete process.env._LAMBDA_TELEMETRY_LOG_FD;
    write = (line, level, ms) => frames(json ? line : line + '\n', level, ms);
  }
  const lowest = Math.max(LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()), 0);
  LEVELS.forEach((level, rank) => {
    ours[level.toLowerCase()] = rank < lowest && level !== 'FATAL' ? () => {} : (first, ...more) => {
      const now = new Date();
      write(format(now.toISOString(), level, [first, ...more]), level, now.valueOf());
    };
  });
  ours.log = ours.info;
  const { error: writeError } = ours;
  module.exports.logError = json
    ? (title, error) => writeError(asError(error))
    : (title, error) => writeError(title, errors.logTextOf(asError(error)));
}

function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(thrown);
}

module.exports = { patchConsole, setRequestId, logError: () => {} };
