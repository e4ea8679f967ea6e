import type { RequestHandler } from 'express';
import { colourProblem, shadesOf, type Shades } from '#policies/brand.js';
import { asFile } from './headers.js';

const FILE = /^([0-9a-f]{6})\.css$/;
const NAMES: Readonly<Record<keyof Shades, string>> = {
  fill: '--brand',
  pressed: '--brand-pressed',
  text: '--brand-text',
  soft: '--brand-soft',
  line: '--brand-line',
  focus: '--focus',
};

/** How a page has a colour: the class `brand-NAME` of whatever is to have it, and the sheet beside ours, where it needs one. */
export function lookOf(colour: string): { name: string; sheet: string | null } {
  const number = colour.startsWith('#') ? colour.slice(1) : null;
  return { name: number ?? colour, sheet: number === null ? null : `/looks/${number}.css` };
}

/**
 * Serves what is made of a colour as a stylesheet, since a page may style nothing in itself. It is worked out of the colour
 * alone: who asks for one learns nothing of whose it is.
 */
export const looks: RequestHandler<{ file: string }> = (req, res, next) => {
  const [, number] = FILE.exec(req.params.file) ?? [];
  if (number === undefined || colourProblem(`#${number}`) !== null) {
    next();
    return;
  }
  const { light, dark } = shadesOf(`#${number}`);
  const rules = (Object.keys(NAMES) as (keyof Shades)[]).map(
    (shade) => `${NAMES[shade]}:light-dark(${light[shade]},${dark[shade]})`,
  );
  asFile(res);
  res.setHeader('Cache-Control', 'public, max-age=86400');
  res.type('css').send(`.brand-${number}{${rules.join(';')}}`);
};
