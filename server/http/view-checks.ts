import type { PageModel } from './views.js';

type Template<Rest extends unknown[]> = (given: PageModel, ...rest: Rest) => string;

/** A parameter that the first line of an element names. */
export interface Parameter {
  name: string;
  needed: boolean;
}

/** What an element takes, as its first line says: `const { label, kind = 'info' } = params`. Null where it says nothing. */
export function parametersOf(text: string): Parameter[] | null {
  const head = /^<%_ const \{(.*)\} = params; _%>\n/.exec(text)?.[1];
  if (head === undefined) return null;
  const known = /(?:^|, )(\w+)(?:: \w+)?( = (?:`[^`]*`|'[^']*'|[\w.]+|\[\]|\{\}))?(?=,|$)/g;
  return [...head.trim().matchAll(known)].map(([, name = '', initial]) => ({ name, needed: initial === undefined }));
}

/** The same template, which throws for a mistake that would print nothing, or the wrong thing, in silence. */
export function checked<Rest extends unknown[]>(name: string, text: string, template: Template<Rest>): Template<Rest> {
  if (!name.startsWith('/elements/')) return (page, ...rest) => template(complaining(name, page), ...rest);
  const parameters = parametersOf(text);
  if (!parameters) throw new Error(`views${name}.ejs: its first line must name its parameters.`);
  const known = new Set(parameters.map((one) => one.name));
  return (params, ...rest) => {
    const stray = Object.keys(params).filter((key) => !known.has(key));
    const missing = parameters.filter((one) => one.needed && params[one.name] === undefined);
    if (stray.length > 0) throw new Error(`views${name}.ejs takes no ${stray.join(', ')}.`);
    if (missing.length > 0) throw new Error(`views${name}.ejs needs ${missing.map((one) => one.name).join(', ')}.`);
    return template(params, ...rest);
  };
}

function complaining(name: string, page: PageModel): PageModel {
  return new Proxy(page, {
    get(target, key, receiver) {
      if (typeof key === 'string' && !(key in target))
        throw new Error(`views/${name}.ejs reads page.${key}, which nobody gave.`);
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
}
