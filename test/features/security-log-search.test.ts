import assert from 'node:assert/strict';
import { User } from '#models/user.js';
import { searchLog, type LogFilter } from '#server/features/security-log/search.js';
import { DAY } from '#server/lib/clock.js';
import { recordMany, type PastHappening } from '#server/trace/record.js';
import type { Browser, Page } from '../support/browser.js';
import { rowsOf, table } from '../support/log.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

const PATH = '/admin/security-log';

describe('Searching the security log', () => {
  let portal: Portal;
  let adam: Browser;
  const NOON = Date.UTC(2026, 2, 10, 12);
  const events = async (query: string): Promise<string[]> =>
    table(await adam.open(`${PATH}?${query}`)).map((row) => row[1] ?? '');
  const write = async (...happenings: PastHappening[]): Promise<void> => {
    const context = await contextIn(portal, 'acme');
    await recordMany({ ...context, ip: '203.0.113.77' }, context.tenant.id, happenings);
  };
  before(async () => {
    portal = await startPortal();
    adam = await portal.signedIn('acme/adam');
    const [uma, umar] = [portal.idOf('acme/uma'), portal.idOf('acme/umar')];
    await write(
      {
        event: 'user.disabled',
        at: NOON - DAY,
        target: { type: 'user', id: uma },
        actorId: portal.idOf('acme/olivia'),
      },
      { event: 'password.changed', at: NOON, actorId: uma, target: { type: 'user', id: uma } },
      {
        event: 'sign-out',
        at: NOON,
        actorId: umar,
        target: { type: 'user', id: umar },
        details: { reason: '100% Zürich_“quoted” "plain" !' },
      },
      { event: 'policy.changed', at: NOON + DAY, details: { minLength: { from: 8, to: 15 } } },
    );
  });
  after(() => portal.close());

  it('finds by event and by level', async () => {
    assert.deepEqual(await events('event=user.disabled'), ['User disabled']);
    assert.equal((await events('level=high')).length, 3);
    assert.deepEqual(await events('level=high&event=sign-out'), []);
  });

  it('finds who did something and to whom it was done, by username, e-mail address or id', async () => {
    const ofUma = ['Password changed', 'User disabled'];
    for (const actor of ['uma', ' UMA ', 'Uma@Acme.Example', portal.idOf('acme/uma')]) {
      assert.deepEqual(
        (await events(`actor=${encodeURIComponent(actor)}&to=2026-03-31`)).filter(
          (one) => !one.startsWith('User created'),
        ),
        ofUma,
        actor,
      );
    }
    assert.deepEqual(await events('actor=olivia&event=user.disabled'), ['User disabled']);
    assert.match((await adam.open(`${PATH}?actor=um`)).text, /Nobody here is called um/);
    assert.match((await adam.open(`${PATH}?actor=gina`)).text, /Nobody here is called gina/);
  });

  it('finds in the details, the IP address, the names of events and of what changed', async () => {
    for (const q of ['zürich', 'ZÜRICH', '100%', 'Zürich_', '“quoted”', '"plain"', '!'])
      assert.equal((await events(`q=${encodeURIComponent(q)}`)).length, 1, q);
    for (const q of ['Z%rich', 'Z_rich', '100_', '\\', `' OR 1=1 --`])
      assert.deepEqual(await events(`q=${encodeURIComponent(q)}`), [], q);
    assert.equal((await events('q=203.0.113')).length, 4);
    assert.equal((await events('q=203.0.113&level=high')).length, 2);
    assert.deepEqual(await events('q=user+disabled'), ['User disabled']);
    assert.equal((await events('q=minimum+length')).length, 1);
  });

  it('takes a search for what it means: people by the name shown, events in words, an address, all over the log', async () => {
    const asked = async (q: string, more = ''): Promise<Page> => adam.open(`${PATH}?q=${encodeURIComponent(q)}${more}`);
    for (const q of ['Uma Ndiaye', 'ndiaye', 'NDIAYE uma', 'uma@acme.example']) {
      const page = await asked(q, '&to=2026-03-31');
      assert.deepEqual(
        table(page)
          .map((row) => row[1])
          .filter((one) => !one?.startsWith('User created')),
        ['Password changed', 'User disabled'],
        q,
      );
      assert.match(page.text, /Shown is what Uma Ndiaye did, or was done to them\./, q);
    }
    assert.match((await asked('disabled user')).text, /Shown is the event “User disabled”\./);
    const address = await asked('203.0.113.77', '&level=high');
    assert.match(address.text, /2 rows\. Times in UTC\./);
    assert.match(address.text, /Shown is what came from 203\.0\.113\.77\./);
    assert.equal(table(await asked('zurich')).length, 1, 'a detail, without its mark');
    assert.equal(table(await asked('zurich', '&event=user.disabled')).length, 0);
    assert.equal(table(await asked('firefox')).length > 0, true, 'a browser');
    assert.equal(
      table(await asked('uma', '&within=details')).length,
      0,
      'and not whom it means, where that was not wanted',
    );
  });

  it('filters by a click on an event, a name or an address, and by ranges', async () => {
    const page = await adam.open(`${PATH}?level=high`);
    const [row] = page.document.querySelectorAll('tbody tr');
    const hrefs = (row?.querySelectorAll('a') ?? []).map((link) =>
      (link.getAttribute('href') ?? '').replaceAll('&amp;', '&'),
    );
    assert.ok(
      hrefs.some((href) => /\?event=[\w.-]+&level=high$/.test(href)),
      hrefs.join(),
    );
    for (const href of hrefs) assert.equal((await adam.open(href)).status, 200, href);
    const ranges = (await adam.open(PATH)).document
      .querySelectorAll('nav.tabs a')
      .map((link) => link.getAttribute('href') ?? '');
    assert.deepEqual(ranges, [PATH, `${PATH}?last=24h`, `${PATH}?last=7d`, `${PATH}?last=30d`]);
    assert.ok((await events('last=24h')).length > 0);
    assert.ok(!(await events('last=30d')).includes('User disabled'), 'which was before');
  });

  it('is a tab of each account, for who may read both', async () => {
    const account = await adam.open(`/admin/users/${portal.idOf('acme/uma')}`);
    const page = await adam.open(account.links().find((href) => href.startsWith(`${PATH}?actor=`)) ?? '');
    assert.equal(page.heading, 'Security log of Uma Ndiaye');
    assert.ok(page.links().includes(`/admin/users/${portal.idOf('acme/uma')}`));
  });

  it('says that a first day after the last one is wrong, and shows it again', async () => {
    const page = await adam.get(`${PATH}?from=2026-03-31&to=2026-03-01`);
    assert.equal(page.status, 422);
    assert.match(page.text, /The first day is after the last one/);
    assert.equal(page.valueOf('from'), '2026-03-31');
  });

  it('takes days as the reader’s own time zone has them, the last one whole', async () => {
    const inZone = async (timeZone: string, query: string): Promise<number> => {
      await User.update({ timeZone }, { where: { id: portal.idOf('acme/adam') } });
      return (await events(query)).length;
    };
    assert.equal(await inZone('UTC', 'from=2026-03-10&to=2026-03-10'), 2);
    assert.equal(await inZone('UTC', 'to=2026-03-09'), 1);
    assert.equal(
      await inZone('Pacific/Auckland', 'from=2026-03-11&to=2026-03-11'),
      2,
      'noon UTC is the 11th in Auckland',
    );
    assert.equal(await inZone('Pacific/Auckland', 'from=2026-03-10&to=2026-03-10'), 1);
    await inZone('UTC', '');
  });

  it('does not mind what is no filter: a link with a typo shows the log', async () => {
    const all = await events('');
    for (const query of [
      'event=nonsense',
      'event=constructor',
      'level=huge',
      'from=2026-02-31',
      'last=1y',
      'from=yesterday',
      'to=0000-00-00',
      'sort=sideways',
      'cursor=%21',
      'cursor=AAAA',
      'unknown=1',
      'level=low&level=high',
      `actor=`,
    ]) {
      assert.deepEqual(await events(query), all, query);
    }
    const page = await adam.open(`${PATH}?event=nonsense&from=2026-02-31&level=huge`);
    assert.match(page.text, /was left out: event, level, first day\./);
  });

  it('keeps what was asked in the form, and in the links to older rows', async () => {
    const page = await adam.open(
      `${PATH}?q=zürich&event=sign-out&level=low&actor=umar&days=utc&from=2026-03-01&to=2026-03-31&sort=oldest`,
    );
    assert.deepEqual(page.form(PATH), {
      q: 'zürich',
      event: 'sign-out',
      level: 'low',
      actor: 'umar',
      door: '',
      days: 'utc',
      from: '2026-03-01',
      to: '2026-03-31',
      sort: 'oldest',
    });
    assert.ok(page.links().some((href) => href.includes('event=sign-out') && !href.includes('sort=')));
  });
});

describe('Paging through the security log', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
    const context = await contextIn(portal, 'acme');
    const uma = portal.idOf('acme/uma');
    // Times that repeat and run backwards: the order must still be one.
    const rows = Array.from({ length: 130 }, (_, row) => ({
      event: row % 2 ? ('sign-out' as const) : ('demo.event' as const),
      at: 1_700_000_000_000 - (row % 7),
      actorId: row % 3 ? uma : row % 2 ? null : portal.idOf('acme/umar'),
      target: { type: 'user' as const, id: row % 5 ? uma : portal.idOf('acme/umar') },
      details: { row, ...(row % 5 ? {} : { mark: 'fifth' }) },
    }));
    await recordMany(context, context.tenant.id, rows);
  });
  after(() => portal.close());

  it('shows every row once, in one order, both ways', async () => {
    const adam = await portal.signedIn('acme/adam');
    const walk = async (start: string): Promise<string[]> => {
      const seen: string[] = [];
      let next: string | undefined = start;
      for (let pages = 0; next !== undefined && pages < 10; pages += 1) {
        const page = await adam.open(next);
        const links = page.document
          .querySelectorAll('td[data-label=Date] a')
          .map((link) => link.getAttribute('href') ?? '');
        assert.ok(links.length <= 50);
        seen.push(...links);
        next = page.document.querySelector('a[rel=next]')?.getAttribute('href');
      }
      return seen;
    };
    const newest = await walk(PATH);
    const all = (await rowsOf(portal, 'acme')).map(({ id }) => `${PATH}/${id}`);
    assert.deepEqual([...newest].sort(), [...all].sort());
    assert.deepEqual((await walk(`${PATH}?sort=oldest`)).reverse(), newest);
  });

  it('finds with small windows what it finds at once, with any filters, and says where it stopped', async () => {
    const { tenant } = await contextIn(portal, 'acme');
    const [uma, umar] = [portal.idOf('acme/uma'), portal.idOf('acme/umar')];
    const text = { pattern: '3', keys: [] };
    const filters: Partial<LogFilter>[] = [
      {},
      { person: uma },
      { person: umar },
      { person: uma, event: 'sign-out' },
      { person: umar, level: 'low', text },
      { event: 'demo.event', text },
      { level: 'low', text },
      { text },
      {
        any: [
          ['event', 'sign-out'],
          ['actor_id', uma],
          ['target_id', umar],
        ],
      },
      {
        any: [
          ['actor_id', umar],
          ['target_id', umar],
        ],
        level: 'low',
        text,
      },
      { person: uma, any: [['event', 'sign-out']] },
      // Of the two walks for a person, the one that finds little is the first that has to stop.
      { person: umar, text: { ...text, pattern: 'fifth' } },
    ];
    let stops = 0;
    for (const filter of filters) {
      for (const [sort, sizes] of [
        ['newest', { page: 4, window: 9 }],
        ['oldest', { page: 4, window: 3 }],
        ['newest', { page: 4, window: 3 }],
      ] as const) {
        const whole = await searchLog(portal.database, tenant.id, { ...filter, sort }, { page: 1000, window: 1000 });
        const parts = [];
        let after: LogFilter['after'];
        for (let pages = 0; pages < 200; pages += 1) {
          const part = await searchLog(portal.database, tenant.id, { ...filter, sort, after }, sizes);
          parts.push(...part.rows);
          if (part.stoppedAt !== null) stops += 1;
          if (!part.next) break;
          after = part.next;
        }
        assert.deepEqual(
          parts.map(({ seq }) => Number(seq)),
          whole.rows.map(({ seq }) => Number(seq)),
          JSON.stringify({ filter, sort }),
        );
      }
    }
    assert.ok(stops > 20);
  });
});
