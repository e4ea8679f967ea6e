import { contrast, hexOf, seen, shown, type Seen } from './colour.js';

// Hue in degrees, and chroma, as the stylesheet has them.
const NAMED = {
  blue: [259, 0.155],
  azure: [243, 0.13],
  indigo: [278, 0.18],
  purple: [306, 0.17],
  pink: [356, 0.17],
  red: [22, 0.17],
  orange: [48, 0.13],
  lime: [128, 0.12],
  green: [150, 0.12],
  teal: [182, 0.09],
  cyan: [215, 0.1],
} as const;

/** The colours that an organisation can have by name: each reads well in both themes. */
export const BRAND_COLOURS = Object.keys(NAMED) as (keyof typeof NAMED)[];

/** What words need (WCAG 2.2, 1.4.3), and what has to be seen at all (1.4.11). */
const WORDS = 4.5;
const SHAPES = 3;

const WHITE = '#ffffff';
/** The darkest that a button stands on in the light theme, and the lightest in the dark one, as the stylesheet has them. */
export const GROUNDS = { light: '#f4f6fa', dark: '#161921' } as const;

/** What is made of a colour for one theme. */
export interface Shades {
  /** Behind white words. */
  fill: string;
  pressed: string;
  /** Words and signs on a page, and on `soft`. */
  text: string;
  soft: string;
  line: string;
  focus: string;
}

/** One of the names, or `#0f766e` of whatever was written for it; what is neither stays as it is. */
export function canonicalColour(typed: string): string {
  const text = typed.trim().toLowerCase();
  return isNamed(text) ? text : (hexOf(text) ?? text);
}

/** Why an organisation cannot have this colour, and what to do; null when it can. */
export function colourProblem(colour: string): string | null {
  if (isNamed(colour)) return null;
  const hex = hexOf(colour);
  if (hex === null) return `Enter a colour such as #0f766e, or one of these: ${BRAND_COLOURS.join(', ')}.`;
  const ratio = contrast(hex, WHITE);
  if (ratio >= WORDS) return null;
  return `White words on ${hex} have a contrast of ${ratioText(ratio)}, and need ${ratioText(WORDS)} to be read. Enter ${darkened(hex, WORDS, WHITE)}, which is the nearest that has it, or a darker one.`;
}

/** All that a colour of its own is made into: as it is behind white words on light pages, lighter where a page is dark. */
export function shadesOf(hex: string): { light: Shades; dark: Shades } {
  const own = seen(hex);
  const at = (lightness: number, most: number): string =>
    shown({ ...own, lightness, chroma: Math.min(own.chroma, most) });
  const [lightSoft, darkSoft] = [at(0.962, 0.02), at(0.3, 0.05)];
  const raised = lightened(hex, SHAPES, GROUNDS.dark);
  return {
    light: {
      fill: hex,
      pressed: shown({ ...own, lightness: own.lightness * 0.86 }),
      text: darkened(hex, WORDS, lightSoft),
      soft: lightSoft,
      line: at(0.87, 0.05),
      focus: darkened(at(0.5, 0.2), SHAPES, GROUNDS.light),
    },
    dark: {
      fill: raised,
      pressed: shown({ ...own, lightness: seen(raised).lightness - 0.05 }),
      text: lightened(shown({ ...own, lightness: 0.8, chroma: own.chroma * 0.6 }), WORDS, darkSoft),
      soft: darkSoft,
      line: at(0.42, 0.08),
      focus: at(0.78, 0.13),
    },
  };
}

/** The same of any colour that an organisation can have. */
export function brandShades(colour: string): { light: Shades; dark: Shades } {
  if (!isNamed(colour)) return shadesOf(colour);
  const [degrees, chroma] = NAMED[colour];
  return shadesOf(shown({ lightness: 0.48, chroma, hue: (degrees * Math.PI) / 180 }));
}

/** "4.53 : 1", never rounded up to what it is not. */
export function ratioText(ratio: number): string {
  return `${(Math.floor(ratio * 100) / 100).toString()} : 1`;
}

function isNamed(colour: string): colour is keyof typeof NAMED {
  return Object.hasOwn(NAMED, colour);
}

// The nearest of its kind that can be read on the other.
function darkened(hex: string, ratio: number, on: string): string {
  return nearest(hex, ratio, on, -0.004);
}

function lightened(hex: string, ratio: number, on: string): string {
  return nearest(hex, ratio, on, 0.004);
}

function nearest(hex: string, ratio: number, on: string, step: number): string {
  let one: Seen = seen(hex);
  let found = hex;
  while (contrast(found, on) < ratio && (step > 0 ? one.lightness < 1 : one.lightness > 0)) {
    one = { ...one, lightness: one.lightness + step };
    found = shown(one);
  }
  return found;
}
