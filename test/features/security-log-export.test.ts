import assert from 'node:assert/strict';
import { exportLog } from '#server/features/security-log/export.js';
import { recordMany } from '#server/trace/record.js';
import type { Browser, Page } from '../support/browser.js';
import { contextIn } from '../support/links.js';
import { newestDetails, rowsOf, table } from '../support/log.js';
import { startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-log';
const CSV = `${PATH}/export.csv`;
const LINES = `${PATH}/export.jsonl`;

describe('The security log as a file', () => {
  let portal: Portal;
  let audrey: Browser;
  before(async () => {
    portal = await startPortal();
    audrey = await portal.signedIn('acme/audrey');
    const context = await contextIn(portal, 'acme');
    const details = { name: '=HYPERLINK("http://evil.example")', note: 'one, "two"\nthree' };
    const many = Array.from({ length: 1200 }, (_, at) => ({
      event: 'demo.event' as const,
      at: at + 1,
      details: { count: at },
    }));
    await recordMany(context, context.tenant.id, [...many, { event: 'role.created', at: 5000, details }]);
  });
  after(() => portal.close());
  // As RFC 4180 has it.
  const cells = ({ html }: Page): string[][] => {
    const lines: string[][] = [[]];
    for (const [, cell = '', end] of html.matchAll(/("(?:[^"]|"")*"|[^",\r]*)(,|\r\n)/g)) {
      lines.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
      if (end !== ',') lines.push([]);
    }
    return lines.slice(0, -1);
  };
  const records = (page: Page): Record<string, unknown>[] =>
    page.html
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('has every row of the organisation, newest first, as CSV and as JSON lines, and none of another', async () => {
    const count = (await rowsOf(portal, 'acme')).length;
    const csv = await audrey.get(CSV);
    assert.equal(csv.status, 200);
    assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
    assert.match(
      csv.headers['content-disposition'] ?? '',
      /^attachment; filename=security-log-acme-\d{4}-\d\d-\d\d\.csv$/,
    );
    const [headings, ...rows] = cells(csv);
    // With the mark by which spreadsheets know that it is UTF-8.
    assert.deepEqual(headings?.slice(0, 4), ['\ufeffrow', 'time', 'event', 'what']);
    // With the row that this very export has left.
    assert.equal(rows.length, count + 1);
    assert.deepEqual(
      rows
        .map(([, time]) => time)
        .toSorted()
        .toReversed(),
      rows.map(([, time]) => time),
    );
    assert.equal(new Set(rows.map(([seq]) => seq)).size, count + 1);
    const lines = records(await audrey.get(LINES));
    assert.deepEqual(
      new Set(lines.map(({ seq }) => seq)),
      new Set((await rowsOf(portal, 'acme')).map(({ seq }) => Number(seq))),
    );
    const other = await portal.signedIn('globex/gary');
    const ids = new Set(records(await other.get(LINES)).map(({ id }) => id));
    assert.ok(ids.size > 0 && lines.every(({ id }) => !ids.has(id)));
  });

  it('has what the filter finds, as the list shows it, and says so in the row that it leaves', async () => {
    const filter = '?level=high&event=role.created';
    const shown = table(await audrey.get(`${PATH}${filter}`));
    const before = (await rowsOf(portal, 'acme')).length;
    const [, ...rows] = cells(await audrey.get(`${CSV}${filter}`));
    assert.ok(rows.length > 0 && rows.length === shown.length);
    assert.ok(rows.every((row) => row[2] === 'role.created' && row[4] === 'high'));
    const lines = records(await audrey.get(`${LINES}${filter}`));
    assert.deepEqual(
      lines.map(({ seq }) => String(seq)),
      rows.map(([seq]) => seq),
    );
    assert.equal((await rowsOf(portal, 'acme')).length, before + 2);
    assert.deepEqual(await newestDetails(portal, 'acme', 'log.exported'), {
      format: 'JSON lines',
      filters: ['event: role.created', 'level: high'],
    });
    await audrey.get(`${CSV}?q=Uma+Ndiaye&actor=uma`);
    assert.deepEqual(
      (await newestDetails(portal, 'acme', 'log.exported'))['filters'],
      ['q', `actor: ${portal.idOf('acme/uma')}`],
      'Nobody stands there by name.',
    );
    const page = await audrey.get(`${PATH}${filter}`);
    assert.ok(page.links().includes(`${CSV}?event=role.created&level=high`), page.links().join());
  });

  it('is opened by no spreadsheet as a formula, whatever somebody wrote into it', async () => {
    const { html } = await audrey.get(`${CSV}?event=role.created&sort=oldest`);
    assert.doesNotMatch(html, /(^|,)"?[=+@-]/m);
    assert.match(html, /Name: =HYPERLINK\(""http:\/\/evil\.example""\); Note: one, ""two""\nthree"\r\n/);
  });

  it('is for who may download the log, and for nobody else; who only asks leaves nothing', async () => {
    const uma = await portal.signedIn('acme/uma');
    const before = (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'log.exported').length;
    for (const path of [CSV, LINES]) assert.equal((await uma.get(path)).status, 403);
    const after = (await rowsOf(portal, 'acme')).filter(({ event }) => event === 'log.exported').length;
    assert.equal(after, before);
  });

  it('leads back to the list, which says why, where a filter cannot be', async () => {
    for (const query of ['?level=huge', '?actor=nobody-at-all', '?from=2026-02-02&to=2026-02-01']) {
      const answer = await audrey.get(`${CSV}${query}`);
      assert.equal(answer.status, 303, query);
      assert.equal(answer.location, `${PATH}${query}`);
    }
  });

  it('is read no faster than it is taken: of a long log one page at a time', async () => {
    const context = await contextIn(portal, 'acme');
    const { database } = context.services;
    let read = 0;
    const counted = {
      ...database,
      read: (...asked: Parameters<typeof database.read>) => ((read += 1), database.read(...asked)),
    };
    const services = { ...context.services, database: counted };
    const parts = await exportLog({ ...context, services }, 'jsonl', { sort: 'oldest', event: 'demo.event' }, []);
    read = 0;
    const sizes: number[] = [];
    for await (const part of parts) {
      sizes.push(part.split('\n').length - 1);
      assert.equal(read, sizes.length, 'One read for each part that was taken, and none ahead.');
    }
    assert.ok(sizes.every((size) => size <= 500) && sizes.reduce((sum, size) => sum + size) >= 1200, sizes.join());
  });
});
