import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ejs from 'ejs';

/** What every template is given as `page`. */
export type PageModel = Record<string, unknown>;
type Template = (page: PageModel) => string;

const OPTIONS = {
  _with: false,
  localsName: 'page',
  unsafePrototypeLocals: true,
  async: false,
  escape: escapeText,
} as const;

/**
 * The templates of a folder, compiled once. Without `with`: a template names what it uses, `page.title`. An included
 * one, named from the root of the folder, is given the page and what is passed beside it.
 */
export function createViews(folder: string, keep: boolean): (name: string, page: PageModel) => string {
  const compiled = new Map<string, Template>();
  const load = (name: string): Template => {
    let template = compiled.get(name);
    if (!template) {
      const filename = join(folder, `${name}.ejs`);
      // Keeping the line at hand for a message costs a fifth of the rendering: for whoever writes templates only.
      const options = { filename, ...OPTIONS, compileDebug: !keep } as ejs.Options & { async: false };
      template = ejs.compile(withOwnInclude(readFileSync(filename, 'utf8')), options) as Template;
      if (keep) compiled.set(name, template);
    }
    return template;
  };
  return (name, given) => {
    const page: PageModel = { ...given };
    // What is passed stands in the page for as long as the included template is at work: a copy for each would be most
    // of what rendering costs.
    page['include'] = (included: string, passed: PageModel = {}) => {
      const before: PageModel = {};
      for (const key of Object.keys(passed)) {
        before[key] = page[key];
        page[key] = passed[key];
      }
      try {
        return load(included)(page);
      } finally {
        Object.assign(page, before);
      }
    };
    return load(name)(page);
  };
}

// EJS looks for the file of an include anew each time, and copies the page twice: six times the work of all the rest.
function withOwnInclude(text: string): string {
  return text.replace(/<%[\s\S]*?%>/g, (tag) => tag.replace(/(?<![\w.])include\(/g, 'page.include('));
}

// Most of what is printed has nothing to escape, and is told by one look.
function escapeText(value: unknown): string {
  return typeof value === 'string' && !/[&<>"']/.test(value) ? value : ejs.escapeXML(value);
}
