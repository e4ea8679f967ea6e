import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'node-html-parser';
import { routes } from '#server/features/index.js';
import { MINUTE } from '#server/lib/clock.js';
import type { Shell } from '#server/http/page.js';
import { builtViews, createViews, type Render } from '#server/http/views.js';
import { madeViews } from '../../.ci/assets/views.js';
import { VIEWS } from '../../.ci/assets/places.js';
import type { Browser } from '../support/browser.js';
import { startPortal, type Portal } from '../support/portal.js';
import { programFile } from '../support/program-file.js';

/** What people of each role see, and who is not signed in. */
const PEOPLE = ['acme/olivia', 'acme/adam', 'acme/audrey', 'acme/uma', 'platform/opal', null];
const MOST_PAGES = 60;

describe('What the build makes of the templates', () => {
  let portal: Portal;
  let folder: string;
  let built: Render;
  const rendered = new Set<string>();
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-built-'));
    writeFileSync(join(folder, 'views.txt'), madeViews());
    built = builtViews(join(folder, 'views.txt'));
    portal = await startPortal();
    const shell = portal.app.locals['shell'] as Shell;
    const { render } = shell;
    shell.render = (name, page) => {
      const asWritten = render(name, page);
      rendered.add(name);
      assert.equal(built(name, page), asWritten, `views/${name}.ejs`);
      return asWritten;
    };
  });
  after(async () => {
    await portal.close();
    rmSync(folder, { recursive: true });
  });

  for (const who of PEOPLE)
    it(`Every page of ${who ?? 'a visitor'} has the same bytes, those that say no among them`, async () => {
      portal.clock.move(MINUTE);
      const browser = who === null ? portal.browser() : await portal.signedIn(who);
      const pages = routes.filter(({ method, path }) => method === 'get' && path !== '/logout');
      const waiting = pages.map(({ path }) => path.replace(/:\w+/g, 'none'));
      const seen = new Set<string>();
      for (const path of waiting) {
        if (seen.size > pages.length + MOST_PAGES) break;
        if (seen.has(shapeOf(path))) continue;
        seen.add(shapeOf(path));
        waiting.push(...(await linksOn(browser, path)));
      }
      assert.ok(seen.size > 20);
    });

  it('Forms that come back with what was wrong have the same bytes', async () => {
    portal.clock.move(MINUTE);
    const browser = await portal.signedIn('acme/olivia');
    const wrong = { name: '', username: ' ', email: 'nobody', code: '1' };
    for (const [at, action] of [
      ['/profile', '/profile'],
      ['/admin/users/new', '/admin/users'],
      ['/admin/roles/new', '/admin/roles'],
      ['/security/ssh-keys', '/security/ssh-keys'],
      ['/admin/security-policy', '/admin/security-policy'],
    ] as const) {
      const page = await browser.submit(at, action, wrong);
      assert.ok([403, 422].includes(page.status), `${action}: ${page.status}`);
    }
  });

  it('Pages were among them in all their kinds', () => {
    const folders = new Set([...rendered].map((name) => name.split('/')[0]));
    const all = readdirSync(VIEWS, { withFileTypes: true }).filter((one) => one.isDirectory());
    const within = new Set(['elements', 'partials', 'mail']);
    assert.ok(rendered.size > 35, [...rendered].join(' '));
    assert.deepEqual(
      all.map(({ name }) => name).filter((name) => !within.has(name) && !folders.has(name)),
      ['recovery-codes', 'setup'],
    );
  });

  it('See nothing but their page, and a page that is not there is a mistake', () => {
    writeFileSync(join(folder, 'curious.ejs'), '<%= typeof require %> <%= typeof module %> <%= page.text %>');
    writeFileSync(join(folder, 'made.txt'), madeViews(folder));
    const curious = builtViews(join(folder, 'made.txt'));
    assert.equal(curious('curious', { text: '<' }), 'undefined undefined &lt;');
    assert.throws(() => curious('absent', {}), /no views\/absent\.ejs/);
    writeFileSync(join(folder, 'lost.ejs'), "<%- include('/absent') %>");
    assert.throws(() => madeViews(folder), /lost\.ejs includes absent/);
    rmSync(join(folder, 'lost.ejs'));
  });

  it('Lend a part what is passed to it, and have it back when it is done', () => {
    writeFileSync(join(folder, 'part.ejs'), '[<%= page.word %> <%= page.more %>]');
    const twice = "<% for (const more of [1, 2]) { %><%- include('/part', { word: 'theirs', more }) %><% } %>";
    writeFileSync(join(folder, 'whole.ejs'), `<%= page.word %>${twice}<%= page.word %> <%= page.more %>`);
    writeFileSync(join(folder, 'made.txt'), madeViews(folder));
    const written = (strict: boolean) => createViews(folder, { keep: false, strict });
    for (const render of [builtViews(join(folder, 'made.txt')), written(false)]) {
      const page = { word: 'ours' };
      assert.equal(render('whole', page), 'ours[theirs 1][theirs 2]ours ');
      assert.equal(page.word, 'ours');
    }
    assert.throws(() => written(true)('whole', { word: 'ours' }), /reads page.more, which nobody gave/);
  });

  it('Give a part the page itself, as written too: an object of its own for each would keep all pages for long', () => {
    writeFileSync(join(folder, 'seen.ejs'), '<% page.seen.push(page); %><%= page.word %>');
    writeFileSync(join(folder, 'shows.ejs'), "<%- include('/seen', { word: 'theirs' }) %>");
    writeFileSync(join(folder, 'made.txt'), madeViews(folder));
    for (const render of [builtViews(join(folder, 'made.txt')), createViews(folder, { keep: false, strict: false })]) {
      const page = { seen: [] as unknown[], word: 'ours' };
      assert.equal(render('shows', page), 'theirs');
      assert.ok(page.seen[0] === page);
    }
  });

  it('Take a byte for each letter in memory, as the programs do: they hold nothing but ASCII', () => {
    const programs = join(dirname(programFile('server/main.ts')), '..');
    const files = readdirSync(programs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
    const made = [join(folder, 'views.txt'), ...files.map((file) => join(programs, file))];
    assert.ok(made.length > 10, `${made.length} files`);
    for (const file of made) assert.ok(!/[^\0-\x7f]/.test(readFileSync(file, 'utf8')), file);
  });

  async function linksOn(browser: Browser, path: string): Promise<string[]> {
    const { status, html } = await browser.get(path);
    assert.notEqual(status, 500, path);
    return parse(html)
      .querySelectorAll('a[href^="/"]')
      .map((link) => link.getAttribute('href') ?? '')
      .filter((href) => !/^\/(assets|api\/v1)\b/.test(href));
  }
});

// One of each kind is enough: ids and the values of filters aside, they are the same page.
function shapeOf(path: string): string {
  return path.replace(/[0-9a-f-]{36}/g, ':id').replace(/=[^&]*/g, '=');
}
