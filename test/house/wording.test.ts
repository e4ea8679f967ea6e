import assert from 'node:assert/strict';
import { writeRepeatsOver } from '#server/trace/repeated.js';
import { MINUTE } from '#server/lib/clock.js';
import { setTheScene, type Scene } from './authority-scene.js';
import { everyPage } from './every-page.js';

/** What no reader should meet: times as machines write them, words that do not agree with their number, values that are none, marks of another form of text. */
const AMISS: Readonly<Record<string, RegExp>> = {
  'a time as machines write it': /\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d[^\s]*)?/,
  'more than one of nothing or one':
    /\bThere are (?:no|one|1)\b|\bno [\w ]+ that are\b|(?<![\d.,:-])\b1 (?!\w+ss\b)[a-z]+s\b/,
  'a value that is none': /\b(?:undefined|NaN|\[object Object\]|null)\b/,
  'a mark that stands for itself here': /`/,
};

describe('What pages say', () => {
  let scene: Scene;
  before(async () => {
    scene = await setTheScene();
    for (let times = 0; times < 3; times += 1) await scene.portal.browser().tryToSignIn('acme/uma', 'wrong');
    scene.portal.clock.move(MINUTE);
    await writeRepeatsOver(scene.portal.services);
  });
  after(() => scene.portal.close());

  it('is in the words of who reads it, on every page that links lead to', async () => {
    const found: string[] = [];
    let read = 0;
    for (const { browser } of [scene.desk, scene.expert, scene.operator])
      for (const page of await everyPage(browser)) {
        // What is for machines is marked as such.
        for (const code of page.document.querySelectorAll('code, pre, textarea, .mono')) code.remove();
        const text = page.document.querySelector('main')?.structuredText ?? '';
        read += text.length;
        for (const [what, pattern] of Object.entries(AMISS))
          for (const line of text.split('\n')) {
            const hit = pattern.exec(line);
            if (hit) found.push(`${page.path}: ${what}: ${hit[0]} (${line.trim().slice(0, 120)})`);
          }
      }
    assert.ok(read > 20_000, `${read} letters`);
    assert.deepEqual(found, []);
  });
});
