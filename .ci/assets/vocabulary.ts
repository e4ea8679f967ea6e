import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PUBLIC, VIEWS } from './places.js';

/** Everything that some templates can make a page of: words (classes, ids, attributes), beginnings of words, and tags. */
export interface Vocabulary {
  words: Set<string>;
  beginnings: string[];
  tags: Set<string>;
}

/** The vocabulary of these templates, of all that they include, and of the scripts that they load. */
export function vocabularyOf(templates: readonly string[]): Vocabulary {
  const markup = withIncluded(templates).map(readTemplate).join('\n');
  const scripts = [...new Set([...markup.matchAll(/asset\('(js\/[\w-]+\.js)'\)/g)].map(([, file]) => file ?? ''))]
    .map((file) => readFileSync(sourceOf(file), 'utf8'))
    .join('\n')
    .replace(
      /\bdataset\.(\w+)/g,
      (_, name: string) => `data-${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`,
    );
  // What people read is no class: only what stands inside of a tag, or is worked out.
  const code = [...markup.matchAll(/<%[\s\S]*?%>/g)].map(([block]) => block).join('\n');
  const tags = markup.replace(/<%[\s\S]*?%>/g, '').match(/<[a-z][^>]*>/gi) ?? [];
  const attributes = [...markup.matchAll(/[\w-]+="(?:<%[\s\S]*?%>|[^"])*"/g)].map(([one]) => one);
  const all = [code, ...tags, ...attributes, scripts].join('\n');
  return {
    words: new Set(all.match(/[\w-]+/g)),
    // "btn-<%= kind %>", "form-control-${page.width}"
    beginnings: [...new Set([...markup.matchAll(/([a-z][\w-]*-)(?=<%|\$\{)/g)].map(([, start]) => start ?? ''))],
    tags: new Set(
      [...tags, ...scripts.matchAll(/createElement\('(\w+)'\)/g)]
        .map((one) => (typeof one === 'string' ? one.slice(1) : (one[1] ?? '')))
        .map((one) => /^[a-z][a-z0-9]*/i.exec(one)?.[0] ?? ''),
    ),
  };
}

// What is bundled is read as it was written: the words of a library are no classes.
function sourceOf(file: string): string {
  const written = join(import.meta.dirname, basename(file));
  return existsSync(written) ? written : join(PUBLIC, file);
}

function withIncluded(templates: readonly string[]): string[] {
  const found = new Set(templates);
  for (const template of found)
    for (const [, name = ''] of readTemplate(template).matchAll(/include\('\/([\w/-]+)'/g)) found.add(name);
  return [...found];
}

function readTemplate(name: string): string {
  return readFileSync(join(VIEWS, `${name}.ejs`), 'utf8');
}
