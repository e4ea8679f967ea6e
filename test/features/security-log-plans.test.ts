import assert from 'node:assert/strict';
import type { Bind } from '#models/database.js';
import { countLog, searchLog, type LogFilter } from '#server/features/security-log/search.js';
import { contextIn } from '../support/links.js';
import { startPortal, type Portal } from '../support/portal.js';

/** What can be asked for, and the indexes that lead to it. */
const ASKED: Readonly<Record<string, [filter: Omit<LogFilter, 'sort'>, ...indexes: string[]]>> = {
  nothing: [{}, 'time'],
  'a range': [{ from: 1, to: 2 }, 'time'],
  'a text': [{ text: { pattern: 'firefox', keys: [] } }, 'time'],
  'an event': [{ event: 'sign-out' }, 'event'],
  'an event and a level': [{ event: 'sign-out', level: 'low' }, 'event'],
  'a level': [{ level: 'high' }, 'level'],
  'a person': [{ person: 'nobody', event: 'sign-out' }, 'actor', 'target'],
  'an address': [{ any: [['ip', '198.51.100.1']] }, 'ip'],
  'a name that is an event, too': [
    {
      any: [
        ['actor_id', 'nobody'],
        ['event', 'sign-out'],
      ],
    },
    'actor',
    'event',
  ],
};

const BY_INDEX = /^SEARCH .* USING (?:COVERING )?INDEX security_events_by_(\w+) \(tenant_id=\?/;

describe('However large a security log is', () => {
  let portal: Portal;
  before(async () => {
    portal = await startPortal();
  });
  after(() => portal.close());

  it('SQLite looks by its own index for what is asked, and never through all of it for what is not there', async function () {
    const { database } = portal;
    // PostgreSQL knows how many rows there are of each, and chooses by that.
    if (database.dialect !== 'sqlite') return this.skip();
    const { tenant } = await contextIn(portal, 'acme');
    for (const [what, [filter, ...indexes]] of Object.entries(ASKED)) {
      const sent: [string, Bind][] = [];
      const watched = {
        ...database,
        read: (sql: string, bind: Bind) => {
          sent.push([sql, bind]);
          return database.read(sql, bind);
        },
      };
      for (const sort of ['newest', 'oldest'] as const) await searchLog(watched, tenant.id, { ...filter, sort });
      await countLog(watched, tenant.id, { ...filter, sort: 'newest' });
      const used = new Set<string>();
      for (const [sql, bind] of sent) {
        const plan = (await database.read(`EXPLAIN QUERY PLAN ${sql}`, bind)).map(({ detail }) => String(detail));
        const found = plan.flatMap((line) => BY_INDEX.exec(line)?.[1] ?? []);
        assert.notEqual(found.length, 0, `${what}: ${sql}`);
        for (const index of found) used.add(index);
      }
      assert.deepEqual([...used].sort(), indexes, what);
    }
  });
});
