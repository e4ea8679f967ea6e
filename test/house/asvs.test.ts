import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '#server/lib/project-root.js';

/** How many requirements of levels 1 and 2 each section of release 5.0.0 begins with: those of level 3 come behind them. */
const SECTIONS: Readonly<Record<string, number>> = {
  ...{ '1.1': 2, '1.2': 9, '1.3': 11, '1.4': 3, '1.5': 2 },
  ...{ '2.1': 3, '2.2': 3, '2.3': 4, '2.4': 1 },
  ...{ '3.2': 2, '3.3': 4, '3.4': 6, '3.5': 5, '3.7': 2 },
  ...{ '4.1': 3, '4.2': 1, '4.3': 2, '4.4': 4 },
  ...{ '5.1': 1, '5.2': 3, '5.3': 2, '5.4': 3 },
  ...{ '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4 },
  ...{ '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2 },
  ...{ '8.1': 2, '8.2': 3, '8.3': 1, '8.4': 1 },
  ...{ '9.1': 3, '9.2': 4 },
  ...{ '10.1': 2, '10.2': 2, '10.3': 4, '10.4': 11, '10.5': 5, '10.6': 2, '10.7': 3 },
  ...{ '11.1': 2, '11.2': 3, '11.3': 3, '11.4': 4, '11.5': 1, '11.6': 1 },
  ...{ '12.1': 3, '12.2': 2, '12.3': 4 },
  ...{ '13.1': 1, '13.2': 5, '13.3': 2, '13.4': 5 },
  ...{ '14.1': 2, '14.2': 4, '14.3': 3 },
  ...{ '15.1': 3, '15.2': 3, '15.3': 7 },
  ...{ '16.1': 1, '16.2': 5, '16.3': 4, '16.4': 3, '16.5': 3 },
  ...{ '17.1': 1, '17.2': 4, '17.3': 2 },
};
const STATES = ['met', 'partly', 'not met', 'not met by default', 'none'];

describe('The list of what OWASP ASVS asks', () => {
  const text = readFileSync(join(PROJECT_ROOT, 'docs/asvs.md'), 'utf8');
  const rows = [...text.matchAll(/^\| (\d[^|]*) \| ([^|]*) \| (.*) \|$/gm)].map(
    ([, items = '', state = '', where = '']) => ({ items, state, where }),
  );
  const known = Object.entries(SECTIONS).flatMap(([section, count]) =>
    Array.from({ length: count }, (_, index) => `${section}.${index + 1}`),
  );

  it('says the state of each requirement of levels 1 and 2, and of each once', () => {
    const told = rows.flatMap(({ items }) => itemsIn(items, known));
    assert.deepEqual(
      known.filter((item) => !told.includes(item)),
      [],
    );
    assert.deepEqual(
      told.filter((item, index) => told.indexOf(item) !== index),
      [],
    );
  });

  it('has a reason for each, in a state that is one', () => {
    for (const { items, state, where } of rows) {
      assert.ok(STATES.includes(state), `${items}: ${state}`);
      assert.ok(where.length > 5, items);
    }
  });
});

// "6.1.1", "6.2.1, 6.2.9", "9.1.1 to 9.2.4": what lies between them in the order of the list.
function itemsIn(items: string, known: readonly string[]): string[] {
  const [first = '', last] = items.split(' to ');
  if (last === undefined) return items.match(/\d+\.\d+\.\d+/g) ?? [];
  return known.slice(known.indexOf(first), known.indexOf(last) + 1);
}
