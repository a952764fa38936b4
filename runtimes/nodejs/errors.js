// The runtime's own errors, and how any thrown thing is put into words: for the caller (a document
// with errorType, errorMessage and trace) and for the log.
'use strict';

const util = require('util');

const { stringify: toJson } = JSON;  // whatever a function makes of JSON

class ImportModuleError extends Error {}
class HandlerNotFound extends Error {}
class MalformedHandlerName extends Error {}
class UserCodeSyntaxError extends Error {}
class UnhandledPromiseRejection extends Error {
  constructor(reason, promise) {
    super(reason);
    this.reason = reason;
    this.promise = promise;
  }
}
class NodeJsExit extends Error {
  constructor() {
    super('The Lambda runtime client detected an unexpected Node.js exit code. This is most ' +
          'commonly caused by a Promise that was never settled. For more information, see ' +
          'https://nodejs.org/docs/latest/api/process.html#exit-codes');
  }
}

const classes = { ImportModuleError, HandlerNotFound, MalformedHandlerName, UserCodeSyntaxError,
  UnhandledPromiseRejection, NodeJsExit };
for (const [name, made] of Object.entries(classes)) made.prototype.name = `Runtime.${name}`;

function isError(thrown) {
  if (util.types.isNativeError(thrown)) return true;
  return Boolean(thrown) &&
    [thrown.name, thrown.message, thrown.stack].every((v) => typeof v === 'string' && v !== '');
}

function clean(text) {
  return text?.replace(/\x7F/g, '%7F');
}

function documentOf(thrown) {
  try {
    if (isError(thrown)) {
      return { errorType: clean(thrown.name), errorMessage: clean(thrown.message),
        trace: clean(thrown.stack).split('\n') };
    }
    return { errorType: typeof thrown, errorMessage: thrown.toString(), trace: [] };
  } catch {
    return { errorType: 'handled',
      errorMessage: 'callback called with Error argument, but there was a problem while ' +
        'retrieving one or more of its message, name, and stack' };
  }
}

function withFields(value) {
  if (!(value instanceof Error)) return value;
  const fields = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
  if (typeof value.stack === 'string') fields.stack = value.stack.split('\n');
  return fields;
}

// As it stands in a line of the log, behind its title.
function logTextOf(error) {
  try {
    return '\t' + toJson(error, (_, value) => withFields(value));
  } catch {
    return '\t' + toJson(documentOf(error));
  }
}

function stringify(result) {
  let text;
  try {
    text = toJson(result === undefined ? null : result);
  } catch {
    throw new Error('Unable to stringify response body');
  }
  if (text === undefined) throw new TypeError('Wrong arguments');  // a function, a symbol
  return text;
}

module.exports = { ...classes, documentOf, logTextOf, stringify };
