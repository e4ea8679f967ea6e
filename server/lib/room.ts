/** Whose something is, from the widest group down: an organisation, then an account in it. */
export type Owners = readonly string[];

/** So many places, of which nobody has more than half of what the others leave: neither a group, nor anybody in it. */
export interface Room {
  /** Takes a place, and gives what gives it back; null where this owner has enough for now. */
  enter(owners: Owners): (() => void) | null;
}

/** However many come at once, the next who has none finds one: who holds everything must be many. */
export function createRoom(most: number): Room {
  const taken = new Map<string, number>();
  const count = (group: string): number => taken.get(group) ?? 0;
  const add = (group: string, by: 1 | -1): void => {
    const now = count(group) + by;
    if (now === 0) taken.delete(group);
    else taken.set(group, now);
  };
  return {
    enter(owners) {
      const groups = ['', ...owners.map((_, depth) => JSON.stringify(owners.slice(0, depth + 1)))];
      let within = most;
      for (const [depth, group] of groups.entries()) {
        if (count(group) >= within) return null;
        const inside = groups[depth + 1];
        // What the others of this group leave, and of that the half; who has none may have the last.
        if (inside !== undefined) within = Math.max(1, Math.floor((within - count(group) + count(inside)) / 2));
      }
      for (const group of groups) add(group, 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        for (const group of groups) add(group, -1);
      };
    },
  };
}
