/**
 * The same JavaScript in ASCII. What runs keeps its text, and one quotation mark in half a megabyte makes V8 keep two bytes
 * for each letter of it.
 */
export function inAscii(code: string): string {
  // In texts, templates and patterns alike. Behind a backslash it would be read otherwise; none of ours stands there, and
  // nothing is a raw text.
  if (/\\[^\0-\x7f]/.test(code)) throw new Error('A letter beyond ASCII stands behind a backslash. Leave that out.');
  return code.replace(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
