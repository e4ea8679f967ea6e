import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { hash as argonHash } from '@node-rs/argon2';
import fc from 'fast-check';
import { PASSWORD_MAX } from '#policies/password-settings.js';
import { HasherBusy, createPasswordHasher, hashingPlaces } from '#server/lib/password-hash.js';

const floor = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const hasher = createPasswordHasher(floor);
const password = 'copper lantern drifts';

const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The least time that each keeps a core, in turns, in milliseconds: whoever else is on the machine does not count. */
async function timesOf(works: (() => Promise<unknown>)[], turns = 7): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [place, work] of works.entries()) {
      const before = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(before);
      least[place] = Math.min(least[place]!, (user + system) / 1000);
    }
  }
  return least;
}

/** How many hashings this work begins, and how many of them were under way at once at most. */
async function hashingsOf(work: () => Promise<unknown>): Promise<{ begun: number; most: number }> {
  const underWay = new Set<number>();
  let begun = 0;
  let most = 0;
  const hook = createHook({
    // The package gives what it puts into the pool of threads no name.
    init(id, type) {
      if (type !== 'undefined') return;
      begun += 1;
      most = Math.max(most, underWay.add(id).size);
    },
    before: (id) => void underWay.delete(id),
  }).enable();
  try {
    await work();
  } finally {
    hook.disable();
  }
  return { begun, most };
}

describe('keeping a password', () => {
  it('is argon2id with 64 MiB and three passes unless told otherwise, salted anew each time', async () => {
    const [one, two] = await Promise.all([
      createPasswordHasher().hash(password),
      createPasswordHasher().hash(password),
    ]);
    assert.match(one, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    assert.notEqual(one, two);
  });

  it('knows the password again, and no other', async () => {
    const kept = await hasher.hash(password);
    assert.equal(await hasher.verify(kept, password), true);
    for (const wrong of ['', password.toUpperCase(), `${password} `, `${password}\0`, password.slice(0, -1)]) {
      assert.equal(await hasher.verify(kept, wrong), false);
    }
  });

  it('knows it again however the keyboard spells it', async () => {
    const composed = await hasher.hash('caf\u00e9 \u2460 lantern drifts');
    assert.equal(await hasher.verify(composed, 'cafe\u0301 1 lantern drifts'), true);
    const decomposed = await hasher.hash('cafe\u0301 １ lantern drifts');
    assert.equal(await hasher.verify(decomposed, 'caf\u00e9 1 lantern drifts'), true);
  });

  it('will not be made weaker than the floor', () => {
    for (const weak of [
      { memoryCost: 19_455 },
      { timeCost: 1 },
      { parallelism: 0 },
      { memoryCost: 19_456.5 },
      { timeCost: NaN },
    ]) {
      assert.throws(() => createPasswordHasher({ ...floor, ...weak }), RangeError, JSON.stringify(weak));
    }
    assert.throws(() => createPasswordHasher({ ...floor, memoryCost: 2 ** 32 - 1 }), RangeError);
    for (const odd of [{ concurrency: 0 }, { concurrency: NaN }, { queue: -1 }, { queue: 0.5 }]) {
      assert.throws(() => createPasswordHasher({ ...floor, ...odd }), RangeError, JSON.stringify(odd));
    }
  });

  it('refuses what no rule lets through: nothing, more than 128 characters, half a character', async () => {
    for (const text of ['', 'x'.repeat(129), 'ﷺ'.repeat(8), 'copper \ud800 lantern']) {
      await assert.rejects(hasher.hash(text), RangeError);
    }
    const longest = '🦊'.repeat(PASSWORD_MAX);
    assert.equal(await hasher.verify(await hasher.hash(longest), longest), true);
  });
});

describe('a hash that is not there or not whole', () => {
  const salt = 'A'.repeat(22);
  const digest = 'A'.repeat(43);
  const unusable = [
    null,
    '',
    'x',
    '$argon2id$v=19$m=19456,t=2,p=1$',
    '$argon2id$v=19$m=1,t=2,p=1$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=4294967295,t=2,p=1$' + `${salt}$${digest}`,
    '$argon2id$v=19$m=19456,t=4294967295,p=1$' + `${salt}$${digest}`,
    '$argon2i$v=19$m=19456,t=2,p=1$' + `${salt}$${digest}`,
    '$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
  ];
  for (const hash of unusable) {
    it(`is a failed sign-in and no fault: ${JSON.stringify(hash).slice(0, 50)}`, async () => {
      assert.equal(await hasher.verify(hash, password), false);
      assert.equal(hasher.needsRehash(hash ?? ''), true);
    });
  }

  it('never throws and never lets anybody in, whatever was damaged', async () => {
    const kept = await hasher.hash(password);
    const damage = fc.tuple(fc.nat(kept.length - 1), fc.constantFrom('', '$', '=', ',', '!', '0', 'é', '\0', kept));
    await fc.assert(
      fc.asyncProperty(damage, async ([at, by]) => {
        const broken = kept.slice(0, at) + by + kept.slice(at + 1);
        fc.pre(broken !== kept);
        assert.equal(await hasher.verify(broken, password), false);
      }),
      { numRuns: 60 },
    );
  });

  it('takes as long as a real one, so that nobody learns which accounts exist', async () => {
    const kept = await hasher.hash(password);
    const works = [
      () => hasher.verify(kept, 'a wrong guess'),
      () => hasher.verify(null, password),
      () => hasher.verify('', password),
      () => hasher.verify('damaged', password),
      () => hasher.verify(kept, 'x'.repeat(5000)),
      () => hasher.verify(kept, 'half \ud800 a character'),
      () => hasher.verifyDummy(password),
    ];
    for (const work of works) assert.equal((await hashingsOf(work)).begun, 1);
    const [real, ...others] = await timesOf(works, 15);
    for (const time of others) {
      assert.ok(time > real! * 0.5 && time < real! * 2, `${others.join(', ')} against ${real} ms`);
    }
  });

  it('does not let a huge text hold the process', async () => {
    const accents = `a${'\u0301\u0316'.repeat(20_000)}`;
    const [normal, huge] = await timesOf([() => hasher.verify(null, password), () => hasher.verify(null, accents)], 3);
    assert.ok(huge! < normal! * 3, `${huge} against ${normal} ms`);
  });

  it('is false for a password over the limit even where a hash of it was kept', async () => {
    const text = 'x'.repeat(129);
    assert.equal(await hasher.verify(await argonHash(text, floor), text), false);
  });
});

describe('hashing again when the costs moved', () => {
  it('is asked for exactly when the parameters differ from today’s', async () => {
    const kept = await hasher.hash(password);
    assert.equal(hasher.needsRehash(kept), false);
    for (const moved of [{ memoryCost: 20_000 }, { timeCost: 3 }, { parallelism: 2 }]) {
      const next = createPasswordHasher({ ...floor, ...moved });
      assert.equal(next.needsRehash(kept), true, JSON.stringify(moved));
      assert.equal(await next.verify(kept, password), true);
    }
    assert.equal(hasher.needsRehash(kept.replace('$argon2id$', '$argon2i$')), true);
    assert.equal(hasher.needsRehash(await argonHash(password, { ...floor, outputLen: 16 })), true);
    assert.equal(hasher.needsRehash(await argonHash(password, { ...floor, salt: Buffer.alloc(8, 7) })), true);
  });
});

describe('many passwords at once', () => {
  it('takes no more places than cores, and leaves two threads of the pool to the database', () => {
    assert.deepEqual(
      [hashingPlaces(1, 4), hashingPlaces(2, 4), hashingPlaces(16, 4), hashingPlaces(16, 12), hashingPlaces(16, 16)],
      [1, 2, 2, 10, 14],
    );
    assert.deepEqual([hashingPlaces(8, 1), hashingPlaces(8, 2)], [1, 1]);
  });

  it('runs only as many at once as there are places, and all of them in the end, in order', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 2, queue: 20 });
    let now = 0;
    let most = 0;
    const order: number[] = [];
    const run = (place: number): Promise<void> =>
      busy.slot(async () => {
        order.push(place);
        most = Math.max(most, (now += 1));
        await tick();
        now -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, (_, place) => run(place)));
    assert.equal(most, 2);
    assert.deepEqual(
      order,
      Array.from({ length: 20 }, (_, place) => place),
    );
  });

  it('says that it is busy when the queue is full, and recovers', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 1, queue: 2 });
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => busy.verify(null, password)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
    );
    for (const answer of answers) if (answer.status === 'rejected') assert.ok(answer.reason instanceof HasherBusy);
    assert.match(new HasherBusy().message, /try again/);
    assert.equal(await busy.verify(null, password), false);
  });

  it('counts hashing, verifying, dummies and places alike', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 1, queue: 0 });
    const held = busy.slot(() => tick(30));
    const others = [
      busy.hash(password),
      busy.verify(null, password),
      busy.verifyDummy(password),
      busy.slot(() => tick()),
    ];
    for (const other of others) await assert.rejects(other, HasherBusy);
    await held;
  });

  it('gives the place back when the work fails', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 1, queue: 0 });
    await assert.rejects(
      busy.slot(() => Promise.reject(new Error('no such account'))),
      /no such account/,
    );
    await assert.rejects(busy.hash(''), RangeError);
    assert.equal(await busy.verify(null, password), false);
  });
});

describe('one place for looking at the lock, verifying and counting', () => {
  const single = (): ReturnType<typeof createPasswordHasher> =>
    createPasswordHasher({ ...floor, concurrency: 1, queue: 64 });

  it('lets no parallel guess overshoot the lock-out', async () => {
    const busy = single();
    const kept = await busy.hash(password);
    let counted = 0;
    let verified = 0;
    const guess = (): Promise<boolean> =>
      busy.slot(async (held) => {
        await tick(1);
        if (counted >= 5) return false;
        verified += 1;
        const right = await held.verify(kept, 'a wrong guess');
        await tick(1);
        if (!right) counted += 1;
        return right;
      });
    await Promise.all(Array.from({ length: 40 }, guess));
    assert.equal(verified, 5);
  });

  it('does not wait for a second place, neither by the handle nor by the hasher itself', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 1, queue: 0 });
    const kept = await busy.slot(async (held) => {
      const made = await held.hash(password);
      assert.equal(await busy.verify(made, password), true);
      assert.equal(await busy.slot((inner) => inner.verify(made, password)), true);
      return made;
    });
    assert.equal(await busy.verify(kept, password), true);
  });

  it('stays one hashing at a time, even when several are asked for together', async () => {
    const busy = single();
    const { begun, most } = await hashingsOf(() =>
      busy.slot((held) => Promise.all(Array.from({ length: 5 }, () => held.verify(null, password)))),
    );
    assert.deepEqual({ begun, most }, { begun: 5, most: 1 });
    const apart = await hashingsOf(() => Promise.all([hasher.verify(null, password), argonHash(password, floor)]));
    assert.deepEqual(apart, { begun: 2, most: 2 }, 'two that run side by side are seen to');
  });

  it('is not given back while a hashing inside still runs, nor usable afterwards', async () => {
    const busy = createPasswordHasher({ ...floor, concurrency: 1, queue: 0 });
    let finished = false;
    let leaked: { verify(hash: null, password: string): Promise<boolean> } | undefined;
    await busy.slot((held) => {
      leaked = held;
      void held.verify(null, password).then(() => (finished = true));
      return Promise.resolve();
    });
    assert.equal(finished, true);
    await assert.rejects(leaked!.verify(null, password), /given back/);
  });
});
