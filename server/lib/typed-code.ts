/**
 * The letters and digits of a code, whatever came along from the clipboard: white space, dashes, quotes, marks, what
 * nobody sees, full width, the digits of another script. What else is in it stays, and then it is no code.
 */
export function bareCode(typed: string): string {
  return typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}\p{M}\p{Sk}\p{Cf}\p{Default_Ignorable_Code_Point}\u2212\u2800]/gu, '')
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => String(worth(digit)));
}

// Decimal digits stand in runs of ten, zero first, and a run may follow upon a run.
function worth(digit: string): number {
  const at = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before += 1;
  return before % 10;
}
