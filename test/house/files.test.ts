import assert from 'node:assert/strict';
import { foldersBelow, sources, type Source } from './sources.js';

const CODE = ['policies', 'models', 'server', 'bench'];

describe('Every file fits a person’s head', () => {
  const tooLong = (files: readonly Source[], most: number): string[] =>
    files
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > most)
      .map(({ path, lines }) => `${path}: ${lines} lines`);

  it('Code stays under 181 lines, views under 111, tests under 301', () => {
    assert.deepEqual(tooLong(sources([...CODE, '.ci/assets'], '.ts'), 180), []);
    assert.deepEqual(tooLong(sources(['public/js'], '.js'), 180), []);
    assert.deepEqual(tooLong(sources(['views'], '.ejs'), 110), []);
    assert.deepEqual(tooLong(sources(['test'], '.ts'), 300), []);
  });

  it('Nothing is called utils, helpers, common, manager or service', () => {
    const names = [
      ...foldersBelow([...CODE, 'views', 'test']),
      ...sources([...CODE, 'test'], '.ts').map(({ path }) => path),
    ];
    const vague = /(^|[/-])(utils?|helpers?|common|misc|managers?|services?)(\/|\.ts$|$)/;
    // The one object that holds what the process shares is called so in every action.
    assert.deepEqual(
      names.filter((name) => vague.test(name) && name !== 'server/services.ts'),
      [],
    );
  });

  it('Nothing is left for later, silenced or unsaid', () => {
    const files = sources([...CODE, 'test'], '.ts').filter(({ path }) => path !== 'test/house/files.test.ts');
    const having = (pattern: RegExp): string[] =>
      files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
    assert.deepEqual(having(/\b(TODO|FIXME|XXX|HACK)\b/), []);
    assert.deepEqual(having(/@ts-(ignore|nocheck|expect-error)/), []);
    // What needs a program that may not be there says so when it is skipped.
    const skipping = having(/\b(describe|context|it)\.(only|skip)\(/);
    assert.deepEqual(
      skipping.filter((path) => !path.startsWith('test/integration/')),
      [],
    );
  });
});

describe('No view can be made to run what somebody typed', () => {
  const views = sources(['views'], '.ejs');
  const having = (pattern: RegExp): string[] => views.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

  it('Only other templates and the body of a page are printed as they are', () => {
    assert.deepEqual(
      views.filter(({ text }) => printedAsItIs(text).length > 0).map(({ path }) => path),
      [],
    );
    assert.deepEqual(
      sources(['views/layouts'], '.ejs')
        .filter(({ text }) => text.split('page.body').length !== 2)
        .map(({ path }) => path),
      [],
    );
    assert.deepEqual(
      views
        .filter(({ path, text }) => !path.startsWith('views/layouts/') && text.includes('page.body'))
        .map(({ path }) => path),
      [],
    );
  });

  it('There is no inline script, no inline style, no handler and no javascript: link', () => {
    const scripts = views.map(({ path, text }) => ({ path, text: text.replace(/<%[\s\S]*?%>/g, '…') }));
    assert.deepEqual(
      scripts
        .filter(({ text }) => /<script\b(?! type="module" src="…"><\/script>)/i.test(text))
        .map(({ path }) => path),
      [],
    );
    assert.deepEqual(having(/<style\b|\sstyle\s*=/i), []);
    assert.deepEqual(having(/\son[a-z]+\s*=\s*["'<]/i), []);
    assert.deepEqual(having(/javascript:/i), []);
  });

  it('Every attribute that holds a value stands in quotes', () => {
    assert.deepEqual(having(/\s[a-z-]+=<%/i), []);
  });

  it('Every form that sends something carries the token', () => {
    const forms = views.flatMap(({ path, text }) =>
      [...text.matchAll(/<form\b[^>]*method="post"[\s\S]*?<\/form>/gi)]
        .filter(([form]) => !form.includes("include('/elements/csrf'"))
        .map(() => path),
    );
    assert.deepEqual(forms, []);
  });
});

// An include, the body of a page, or a short name that the view itself has given to an include.
function printedAsItIs(text: string): string[] {
  const short = [...text.matchAll(/const (\w+) = \([\w, ]*\) => include\('/g)].map(([, name]) => name ?? '');
  return [...text.matchAll(/<%-\s*([\w.]+)\(?/g)]
    .map(([, name]) => name ?? '')
    .filter((name) => ![...short, 'include', 'page.body'].includes(name));
}
