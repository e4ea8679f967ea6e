import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';
import { clearCounters, keepRows } from '../support/database.js';
import { startPortal, type Portal } from '../support/portal.js';
import { SPOILS, type Door } from './pathway-doors.js';
import { PEOPLE } from './pathways-people.js';
import { PROGRAMS } from './pathways-programs.js';

const WAYS = { ...PEOPLE, ...PROGRAMS };

/** What the columns ask that no spoiling shows: whether a forgery is refused, and whether it is written down. */
const LOOKED_AT = ['CSRF', 'log row'];
/** Columns that only some ways can be asked. */
const OF_SOME = ['own addresses', 'lock of codes', 'end'];

interface Table {
  columns: string[];
  rows: { way: string; cells: Map<string, string> }[];
  text: string;
}

/** The table of the ways in, as the document has it. */
function readTable(): Table {
  const document = readFileSync(join(PROJECT_ROOT, 'docs/security.md'), 'utf8');
  const [, text = ''] = /^## Ways in$([\s\S]*?)(?=^## )/m.exec(document) ?? [];
  const [head = [], , ...body] = [...text.matchAll(/^\|(.*)\|$/gm)].map(([, line = '']) =>
    line.split('|').map((cell) => cell.trim()),
  );
  const columns = head.slice(1);
  return {
    columns,
    rows: body.map(([way = '', ...cells]) => ({
      way,
      cells: new Map(columns.map((column, at) => [column, cells[at] ?? ''])),
    })),
    text,
  };
}

describe('The table of the ways in, in docs/security.md', () => {
  const { columns, rows, text } = readTable();
  let portal: Portal;
  let putBack: () => Promise<void>;
  let count = 0;
  before(async () => {
    portal = await startPortal();
    putBack = await keepRows(portal.database, { tenants: 'id', security_policies: 'tenant_id' });
  });
  after(() => portal.close());

  it('has a row for each way in, a column for each guard, and a reason for each that is not there', () => {
    assert.deepEqual(rows.map(({ way }) => way).sort(), Object.keys(WAYS).sort());
    assert.deepEqual([...columns].sort(), [...Object.keys(SPOILS), ...OF_SOME, ...LOOKED_AT].sort());
    const cells = rows.flatMap((row) => [...row.cells].map(([column, cell]) => ({ way: row.way, column, cell })));
    assert.deepEqual(
      cells.filter(({ cell }) => !/^(enforced|open\[\^[a-z]+\]|none: [a-z -]+)$/.test(cell)),
      [],
    );
    const used = [...new Set(cells.flatMap(({ cell }) => /\[\^([a-z]+)\]/.exec(cell)?.[1] ?? []))];
    const explained = [...text.matchAll(/^\[\^([a-z]+)\]: \S/gm)].map(([, name = '']) => name);
    assert.deepEqual(used.sort(), explained.sort());
  });

  /** Gets somebody new before this way in, and gives what is found there. */
  async function meeting(way: string, look: (door: Door, who: string) => Promise<boolean>): Promise<boolean> {
    const who = `acme/guest${(count += 1)}`;
    const door = await WAYS[way]?.(portal, who);
    assert.ok(door, `There is no way in that is called ${way}.`);
    try {
      return await look(door, who);
    } finally {
      if (door.portal) await door.portal.close();
      await putBack();
      await clearCounters(portal.database);
    }
  }

  /** Whether the guard of this column stands at this way in; null where it cannot be asked. */
  async function isGuarded(way: string, column: string): Promise<boolean | null> {
    let asked = true;
    const guarded = await meeting(way, async (door, who) => {
      if (column === 'log row') return writesDown(door);
      if (column === 'CSRF') {
        asked = door.forge !== undefined;
        return !(await door.forge?.());
      }
      const spoil = door.spoil?.[column] ?? (door.portal ? undefined : SPOILS[column]);
      asked = spoil !== undefined;
      const given = await spoil?.(portal, who);
      return !(await (isDoor(given) ? given : door).knock());
    });
    return asked ? guarded : null;
  }

  async function writesDown(door: Door): Promise<boolean> {
    const rowsNow = async (): Promise<number> => {
      const [found] = await (door.portal ?? portal).database.read('SELECT count(*) AS rows FROM security_events', []);
      return Number(found?.['rows']);
    };
    const before = await rowsNow();
    await door.knock();
    return (await rowsNow()) > before;
  }

  for (const { way, cells } of rows)
    it(`is right about: ${way}`, async () => {
      assert.ok(await meeting(way, (door) => door.knock()), 'Nobody is let in at all.');
      const wrong: string[] = [];
      for (const [column, cell] of cells) {
        const guarded = await isGuarded(way, column);
        const holds = cell.startsWith('none') ? guarded !== true : guarded === (cell === 'enforced');
        if (!holds) wrong.push(`${column}: ${cell}, and is ${SAID.get(guarded) ?? ''}`);
      }
      assert.deepEqual(wrong, []);
    });
});

const SAID = new Map([
  [true, 'enforced'],
  [false, 'open'],
  [null, 'nothing that can be asked'],
]);

function isDoor(given: unknown): given is Door {
  return typeof given === 'object' && given !== null && 'knock' in given;
}
