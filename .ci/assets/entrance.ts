import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PUBLIC, VIEWS } from './places.js';
import { rules, selectorsOf, withoutIdleVariables } from './stylesheet.js';
import { vocabularyOf, type Vocabulary } from './vocabulary.js';

/** What people see who are not, or not wholly, signed in. A page of another folder is never in the layout of the entrance. */
export const ENTRANCE: readonly string[] = [
  'sign-in',
  'challenges',
  'setup',
  'invitations',
  'password-reset',
  'email',
  'disavowal',
  'recovery-codes',
  'errors',
];

/** The part of both sheets that a page of the entrance can use: a tenth of them, for whoever has nothing of ours kept yet. */
export function makeEntrance(tabler: string): string {
  const templates = ENTRANCE.flatMap((folder) =>
    readdirSync(join(VIEWS, folder)).map((file) => `${folder}/${file.replace(/\.ejs$/, '')}`),
  );
  const vocabulary = vocabularyOf(['layouts/entrance', ...templates]);
  const [licence = ''] = /\/\*!.*?\*\//s.exec(tabler) ?? [];
  const own = readFileSync(join(PUBLIC, 'css/gatehouse.css'), 'utf8');
  const css = purge(`${tabler}\n${own}`.replace(/\/\*.*?\*\//gs, ''), vocabulary);
  return `${licence}\n/* Purged by "npm run assets": do not edit. */\n${withoutIdleVariables(css)}`;
}

function purge(css: string, vocabulary: Vocabulary): string {
  let out = '';
  for (const { prelude, body } of rules(css)) {
    if (/^@(media|supports|container)/.test(prelude)) {
      const inner = purge(body, vocabulary);
      if (inner) out += `${prelude.replace(/\s+/g, ' ')}{${inner}}\n`;
    } else if (prelude.startsWith('@')) {
      // A page of the entrance moves nothing; how it is printed it does say.
      if (prelude === '@page') out += `${prelude}{${tight(body)}}\n`;
    } else {
      const selectors = selectorsOf(prelude).filter((selector) => isSpoken(selector, vocabulary));
      if (selectors.length > 0 && tight(body) !== '') out += `${selectors.join(',')}{${tight(body)}}\n`;
    }
  }
  return out;
}

/** Whether a page of this vocabulary can have what the selector asks for. */
function isSpoken(selector: string, { words, beginnings, tags }: Vocabulary): boolean {
  const asked = withoutChoices(selector);
  const known = (name: string): boolean => words.has(name) || beginnings.some((start) => name.startsWith(start));
  const bare = asked.replace(/\[[^\]]*\]/g, '').replace(/::?[a-z-]+/g, '');
  return (
    [...bare.matchAll(/[.#]([\w-]+)/g)].every(([, name = '']) => known(name)) &&
    [...asked.matchAll(/\[([\w-]+)/g)].every(([, name = '']) => known(name)) &&
    [...bare.matchAll(/(?<![\w.#-])([a-z][\w-]*)/g)].every(([, tag = '']) => tags.has(tag))
  );
}

// What stands in :not(), :is() and :where() must not be there, or not all of it.
function withoutChoices(selector: string): string {
  const opening = /:(?:not|is|where)\(/.exec(selector);
  if (!opening) return selector;
  let end = opening.index + opening[0].length;
  for (let depth = 1; depth > 0; end++) depth += selector[end] === '(' ? 1 : selector[end] === ')' ? -1 : 0;
  return selector.slice(0, opening.index) + withoutChoices(selector.slice(end));
}

function tight(body: string): string {
  return body
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/;$/, '')
    .replace(/; ?/g, ';')
    .replace(/(^|;)([\w-]+): /g, '$1$2:');
}
