import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import { isElement } from '#server/http/views.js';
import { inAscii } from './ascii.js';
import { DIST, VIEWS } from './places.js';

// The templates as one text of functions that call each other: no look-up by name, no include of EJS, nothing compiled when
// the portal starts. `builtViews` reads it.

/** A text that EJS prints as it stands in the template: nothing in it is code. */
const PLAIN = /^ {4}; __append\(("(?:[^"\\]|\\.)*")\)$/;
/** EJS makes a function for it in each template, and so at each call of one. */
const APPENDED = /^( {4}; )__append\(/;
const APPENDING = '  function __append(s) { if (s !== undefined && s !== null) __output += s }';
const RETURNING = '  return __output;';
/**
 * What is passed beside the page is put into it and taken out again. An object that had the page as its prototype would
 * cost a map of its own in the old part of the heap, and hold the page and all of its text until that is collected.
 */
const TAKING_BACK = `  if (before) Object.assign(page, before);\n${RETURNING}`;
const ESCAPED = /^ {4}; __append\(escapeFn\((.*)\)\)$/;
const BY_NAME = /\binclude\('\/([\w/-]+)'(?:, )?/g;
const BY_VALUE = /\binclude\(/g;

/** The body of a function of `escapeFn` and `NOTHING` that gives each template by its name. */
export function madeViews(folder = VIEWS): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ejs'))
    .map((file) => file.slice(0, -'.ejs'.length))
    .sort();
  const called = new Map(names.map((name, at) => [name, `t${at}`]));
  const functions = names.map((name) => functionOf(name, readFileSync(join(folder, `${name}.ejs`), 'utf8'), called));
  const entries = names.map((name) => `  [${JSON.stringify(name)}, ${String(called.get(name))}],`);
  const made = functions.join('\n');
  if (made.includes('__append')) throw new Error('EJS writes out its templates in another way now.');
  return inAscii(`${made}
function lend(page, passed) {
  const before = {};
  for (const name in passed) {
    before[name] = page[name];
    page[name] = passed[name];
  }
  return before;
}
function textOf(printed) {
  return printed === undefined || printed === null ? '' : printed;
}
function any(site, page, name, passed) {
  const template = all.get(name.slice(1));
  return name.startsWith('/elements/') ? template(site, passed) : template(site, page, passed);
}
const all = new Map([
${entries.join('\n')}
]);
return all;
`);
}

function functionOf(name: string, text: string, called: ReadonlyMap<string, string>): string {
  const template = new ejs.Template(text, { _with: false, compileDebug: false }) as unknown as Compiling;
  template.compile();
  const page = isElement(`/${name}`) ? 'undefined' : 'page';
  const source = template.source.split('\n').filter((line) => line !== APPENDING);
  const lines = source.map((line) => {
    if (line === RETURNING) return isElement(`/${name}`) ? line : TAKING_BACK;
    const plain = PLAIN.exec(line)?.[1];
    if (plain !== undefined) return `    ; __output += ${plain}`;
    const code = line
      .replace(BY_NAME, (_, included: string) => {
        const known = called.get(included);
        if (known === undefined) throw new Error(`views/${name}.ejs includes ${included}, which is not there.`);
        return `${known}(site, ${isElement(`/${included}`) ? '' : 'page, '}`;
      })
      .replace(BY_VALUE, `any(site, ${page}, `);
    const escaped = ESCAPED.exec(code)?.[1];
    return escaped === undefined
      ? code.replace(APPENDED, '$1__output += textOf(')
      : `    ; __output += escapeFn(${escaped})`;
  });
  const head = isElement(`/${name}`)
    ? '(site, params = NOTHING) {'
    : '(site, page, passed) {\n  const before = passed && lend(page, passed);';
  return `function ${String(called.get(name))}${head}\n${lines.join('\n')}\n}`;
}

/** Of EJS, beyond its types: after `compile()` it keeps the body of the function that it made. */
interface Compiling {
  compile(): unknown;
  source: string;
}

if (process.argv[1] === import.meta.filename) {
  mkdirSync(DIST, { recursive: true });
  writeFileSync(join(DIST, 'views.txt'), madeViews());
}
