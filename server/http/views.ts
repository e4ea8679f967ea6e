import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';
import { checked } from './view-checks.js';

/** What a page is given: its template, and those that it includes but elements, read it as `page`. */
export type PageModel = Record<string, unknown>;
/** What elements have besides their own parameters. */
export type Site = Readonly<Record<string, unknown>>;
export type Render = (name: string, page: PageModel) => string;

type Include = (name: string, passed?: PageModel) => string;
type Template = (given: PageModel, site: Site, escapeFn: typeof escapeText, include: Include) => string;

const NOTHING: PageModel = Object.freeze({});

// What was compiled to be kept, by the folder and how strictly: once in a process, however many apps it has.
const kept = new Map<string, Map<string, Template>>();

interface ViewOptions {
  /** Compile each template once. */
  keep: boolean;
  /** Throw where an element is given what it does not know, or not given what it needs, and where a page lacks a key. */
  strict: boolean;
}

/**
 * The templates of a folder as functions. One that is named `elements/…` sees its parameters, which its first line has,
 * and the site; every other sees the page and what it is passed beside it.
 */
export function createViews(folder: string, { keep, strict }: ViewOptions): Render {
  const compiled = keep ? keptOf(`${folder}, strict: ${strict}`) : new Map<string, Template>();
  const load = (name: string): Template => {
    let template = compiled.get(name);
    if (!template) {
      const text = readFileSync(join(folder, `${name}.ejs`), 'utf8');
      template = compile(name, text, !keep);
      if (strict) template = checked(name, text, template);
      if (keep) compiled.set(name, template);
    }
    return template;
  };
  const renderPage = (name: string, page: PageModel, site: Site): string => {
    const includeElement: Include = (included, passed = NOTHING) =>
      load(included)(passed, site, escapeText, includeElement);
    const include: Include = (included, passed) => {
      if (isElement(included)) return includeElement(included, passed);
      return lending(page, passed, () => renderPage(included, page, site));
    };
    return load(name)(page, site, escapeText, include);
  };
  return (name, page) => renderPage(name, page, siteOf(page));
}

// As the build has it: what is passed beside the page is put into it, and taken out again. An object with the page as its
// prototype would cost a map of its own, and hold the page and all of its text until that is collected.
function lending(page: PageModel, passed: PageModel | undefined, render: () => string): string {
  if (!passed) return render();
  const before = Object.entries(passed).map(([name]) => ({ name, was: page[name], there: Object.hasOwn(page, name) }));
  Object.assign(page, passed);
  try {
    return render();
  } finally {
    for (const { name, was, there } of before) {
      if (there) page[name] = was;
      else Reflect.deleteProperty(page, name);
    }
  }
}

function keptOf(which: string): Map<string, Template> {
  const known = kept.get(which) ?? new Map<string, Template>();
  kept.set(which, known);
  return known;
}

/**
 * The same from what the build made of the folder: functions that call each other. Only for who serves a build, whose
 * pages and templates are then of one and the same state.
 */
export function builtViews(file: string): Render {
  // Our own templates again, and nothing else.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function('escapeFn', 'NOTHING', readFileSync(file, 'utf8')) as Make;
  const templates = make(escapeText, NOTHING);
  return (name, page) => {
    const template = templates.get(name);
    if (!template) throw new Error(`The build has no views/${name}.ejs.`);
    return template(siteOf(page), page);
  };
}

type Make = (escapeFn: typeof escapeText, nothing: PageModel) => Map<string, (site: Site, page: PageModel) => string>;

function siteOf({ asset, csrf, formId, errors, values, when, exact, ago, since, iso }: PageModel): Site {
  return Object.freeze({ asset, csrf, formId, errors, values, when, exact, ago, since, iso });
}

/** Whether a template has a scope of its own. */
export function isElement(name: string): boolean {
  return name.startsWith('/elements/');
}

function compile(name: string, text: string, telling: boolean): Template {
  // Knowing the line costs a fifth of the rendering: for whoever writes templates only.
  const template = new ejs.Template(text, { _with: false, compileDebug: telling }) as Compiling;
  template.compile();
  const source = telling
    ? `let __line = 1; try { ${template.source} } catch (error) { throw new Error(\`views/${name}.ejs, line \${__line}: \${error.message}\`, { cause: error }); }`
    : template.source;
  // The function that EJS makes itself brings an include of its own, which looks for its file anew each time and copies
  // the page twice. This is the same body, with our names for what it is given; it comes from our own templates alone.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return new Function(isElement(name) ? 'params' : 'page', 'site', 'escapeFn', 'include', source) as Template;
}

/** Of EJS, beyond its types: after `compile()` it keeps the body of the function that it made. */
interface Compiling {
  compile(): unknown;
  source: string;
}

// Most of what is printed has nothing to escape, and is told by one look.
function escapeText(value: unknown): string {
  return typeof value === 'string' && !/[&<>"']/.test(value) ? value : ejs.escapeXML(value);
}
