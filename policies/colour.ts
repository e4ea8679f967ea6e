/** Colours as people see them (OKLCH), as screens have them (sRGB), and how well one can be read on another. Pure. */
export interface Seen {
  /** 0 to 1. */
  lightness: number;
  chroma: number;
  /** In radians. */
  hue: number;
}

type Three = readonly [number, number, number];

const HEX = /^#[0-9a-f]{6}$/;

/** `#0f766e`, of whatever one writes for that; null for what is no such colour. */
export function hexOf(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  const long = text.replace(/^#?([0-9a-f])([0-9a-f])([0-9a-f])$/, '#$1$1$2$2$3$3').replace(/^(?=[0-9a-f]{6}$)/, '#');
  return HEX.test(long) ? long : null;
}

/** A colour as it is seen. */
export function seen(hex: string): Seen {
  const [red, green, blue] = linear(hex);
  const [l, m, s] = [
    Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue),
    Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue),
    Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue),
  ];
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const b = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const lightness = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  return { lightness, chroma: Math.hypot(a, b), hue: Math.atan2(b, a) };
}

/** The colour that is seen so; where no screen has it, the nearest of less chroma. */
export function shown({ lightness, chroma, hue }: Seen): string {
  for (let left = chroma; ; left = left < 0.002 ? 0 : left * 0.97) {
    const three = screen({ lightness, chroma: left, hue });
    if (left === 0 || three.every((one) => one >= -0.0005 && one <= 1.0005)) return hexFrom(three);
  }
}

/** How well one can be read on the other (WCAG 2.2, 1.4.3): 1 for the same, 21 for black on white. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [one, other].map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = linear(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(hex: string): Three {
  const value = Number.parseInt(hex.slice(1), 16);
  const one = (shift: number): number => {
    const part = ((value >> shift) & 0xff) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return [one(16), one(8), one(0)];
}

function screen({ lightness, chroma, hue }: Seen): Three {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function hexFrom(three: Three): string {
  const parts = three.map((one) => {
    const part = Math.min(1, Math.max(0, one));
    const bent = part <= 0.0031308 ? part * 12.92 : 1.055 * part ** (1 / 2.4) - 0.055;
    return Math.round(bent * 255)
      .toString(16)
      .padStart(2, '0');
  });
  return `#${parts.join('')}`;
}
