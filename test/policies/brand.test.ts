import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { BRAND_COLOURS, brandShades, canonicalColour, colourProblem, GROUNDS, shadesOf } from '#policies/brand.js';
import { contrast, seen, shown } from '#policies/colour.js';

/** What words need, and what has to be seen at all (WCAG 2.2, 1.4.3 and 1.4.11). */
const [WORDS, SHAPES] = [4.5, 3];
const hex = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe('The colour of an organisation', () => {
  it('is a name of the list, or any other by its number, however that is written', () => {
    for (const [typed, kept] of [
      ['Teal', 'teal'],
      [' #0F766E ', '#0f766e'],
      ['0f766e', '#0f766e'],
      ['#06c', '#0066cc'],
    ] as const) {
      assert.equal(canonicalColour(typed), kept);
      assert.equal(colourProblem(kept), null, kept);
    }
    for (const name of BRAND_COLOURS) assert.equal(colourProblem(canonicalColour(name)), null, name);
    for (const wrong of [
      '',
      'mauve',
      '#12345',
      '#1234567',
      'rgb(1,2,3)',
      '#0f766e;}',
      'url(x)',
      '＃0f766e',
      '#0f766e\n}',
    ])
      assert.match(colourProblem(canonicalColour(wrong)) ?? '', /Enter a colour/, wrong);
  });

  it('is refused where white words on it cannot be read, with the ratio and the nearest that can be', () => {
    const problem = colourProblem('#ffcc00') ?? '';
    assert.match(problem, /White words on #ffcc00 have a contrast of 1\.5\d? : 1, and need 4\.5 : 1/);
    const offered = /Enter (#[0-9a-f]{6})/.exec(problem)?.[1] ?? '';
    assert.equal(colourProblem(offered), null);
    assert.ok(Math.abs(seen(offered).hue - seen('#ffcc00').hue) < 0.1, 'It is still of that kind.');
    assert.equal(colourProblem('#767676'), null);
    assert.match(colourProblem('#777777') ?? '', /4\.47 : 1/);
  });

  it('is refused for nothing else: of whatever is offered, and of whatever is taken, both themes can be read', () => {
    fc.assert(
      fc.property(hex, (colour) => {
        const problem = colourProblem(colour);
        const taken = problem === null ? colour : (/Enter (#[0-9a-f]{6})/.exec(problem)?.[1] ?? '');
        assert.equal(colourProblem(taken), null, `${colour} → ${taken}`);
        for (const [theme, shades] of Object.entries(shadesOf(taken))) {
          const about = `${taken} ${theme}`;
          const ground = GROUNDS[theme as keyof typeof GROUNDS];
          for (const fill of [shades.fill, shades.pressed]) assert.ok(contrast(fill, '#ffffff') >= WORDS, about);
          for (const on of [ground, shades.soft]) assert.ok(contrast(shades.text, on) >= WORDS, `${about} text ${on}`);
          for (const one of [shades.fill, shades.focus]) assert.ok(contrast(one, ground) >= SHAPES, `${about} ${one}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is known as it is seen: there and back it is the same, and black and white are what they are', () => {
    fc.assert(
      fc.property(hex, (colour) => {
        const back = shown(seen(colour));
        for (const at of [1, 3, 5])
          assert.ok(
            Math.abs(parseInt(back.slice(at, at + 2), 16) - parseInt(colour.slice(at, at + 2), 16)) <= 2,
            colour,
          );
      }),
    );
    assert.equal(contrast('#000000', '#ffffff'), 21);
    assert.ok(seen('#ffffff').lightness > 0.999 && seen('#000000').lightness < 0.001);
  });

  it('is the same by its name in a mail as on a page', () => {
    const sheet = readFileSync('public/css/gatehouse.css', 'utf8');
    for (const name of BRAND_COLOURS) {
      const rule = new RegExp(`\\.brand-${name} \\{\\s+--brand-hue: (\\d+);\\s+--brand-chroma: ([\\d.]+);`).exec(sheet);
      const [, hue = '', chroma = ''] = rule ?? [];
      const { light } = brandShades(name);
      assert.equal(light.fill, shown({ lightness: 0.48, chroma: Number(chroma), hue: (Number(hue) * Math.PI) / 180 }));
      assert.ok(contrast(light.fill, '#ffffff') >= WORDS, name);
    }
  });

  it('stands on grounds that the stylesheet has', () => {
    const head = readFileSync('views/partials/head.ejs', 'utf8');
    assert.ok(head.includes(GROUNDS.dark));
    assert.ok(contrast(GROUNDS.light, '#ffffff') < 1.1);
  });
});
