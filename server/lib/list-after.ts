/** A list as somebody chose it who was shown how it was: what has been taken out of it meanwhile does not come back. */
export function listAfter(now: readonly string[], was: readonly string[], wanted: readonly string[]): string[] {
  return [...new Set(wanted)].filter((one) => now.includes(one) || !was.includes(one));
}
