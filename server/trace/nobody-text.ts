/** Who did something that no account did, in words, by the door through which it came. */
export function nobodyText(door: unknown): string {
  return door === 'cli' ? 'Command line' : door === 'job' ? 'Gatehouse itself' : 'Somebody not signed in';
}
