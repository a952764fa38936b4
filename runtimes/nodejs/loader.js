// Finds the handler that a name like "folder/file.export.nested" means, in the order AWS looks:
// the file as it stands, .js (a module where the nearest package.json says so), .mjs, .cjs, and
// then Node's own resolution.
'use strict';

const fs = require('fs');
const path = require('path');
const errors = require('./errors.js');

function splitName(name) {
  if (name.includes('..')) {
    throw new errors.MalformedHandlerName(`'${name}' is not a valid handler name. Use absolute ` +
      'paths when specifying root directories in handler names.');
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 0) throw new errors.MalformedHandlerName('Bad handler');
  return { folder: name.slice(0, name.indexOf(base)), file: base.slice(0, dot),
    members: base.slice(dot + 1).split('.') };
}

// Whether the nearest package.json declares that .js files are ES modules.
function declaresModule(folder) {
  if (folder.endsWith('/node_modules')) return false;
  const file = path.join(folder, 'package.json');
  if (fs.existsSync(file)) {
    try {
      return JSON.parse(fs.readFileSync(file, 'utf8')).type === 'module';
    } catch (error) {
      console.warn(
        `${file} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  const parent = path.dirname(folder);
  return parent === folder ? false : declaresModule(parent);
}

async function loadFile(root, folder, file) {
  const place = path.resolve(root, folder, file);
  const isModule = (p) => p.endsWith('.mjs') || (p.endsWith('.js') && declaresModule(path.dirname(p)));
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const candidate = place + extension;
    if (!fs.existsSync(candidate) || fs.statSync(candidate).isDirectory()) continue;
    return isModule(candidate) ? import(candidate) : require(candidate);
  }
  return require(require.resolve(file, { paths: [root, path.resolve(root, folder)] }));
}

async function load(root, name) {
  const { folder, file, members } = splitName(name);
  let loaded;
  try {
    loaded = await loadFile(root, folder, file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new errors.UserCodeSyntaxError(error);
    if (error?.code === 'MODULE_NOT_FOUND') throw new errors.ImportModuleError(error);
    throw error;
  }
  const handler = members.reduce((object, key) => object && object[key], loaded);
  if (!handler) throw new errors.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new errors.HandlerNotFound(`${name} is not a function`);
  return handler;
}

module.exports = { load, splitName };
