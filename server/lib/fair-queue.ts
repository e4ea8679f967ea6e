/** Who waits, from the widest group that they belong to down to themselves: a network, then an address in it. */
export type Path = readonly string[];

interface Group<T> {
  size: number;
  waiting: T[];
  // In the order of their turns: who has had one goes to the end.
  readonly groups: Map<string, Group<T>>;
}

/** A line of at most `most`, in which groups have their turns one after another, however many of each are waiting. */
export interface FairQueue<T> {
  /** Lets one more wait. Gives who has to go for it: the newest of a group that has more than its share, the new one itself where none has, or null. */
  add(path: Path, one: T): T | null;
  /** Takes out whose turn it is. */
  next(): T | undefined;
}

export function createFairQueue<T>(most: number): FairQueue<T> {
  const all = group<T>();
  return {
    add(path, one) {
      if (all.size < most) {
        put(all, path, one);
        return null;
      }
      const displaced = most > 0 ? makeRoom(all, path) : null;
      if (displaced === null) return one;
      put(all, path, one);
      return displaced;
    },
    next: () => takeNext(all),
  };
}

function group<T>(): Group<T> {
  return { size: 0, waiting: [], groups: new Map() };
}

function put<T>(into: Group<T>, [head, ...rest]: Path, one: T): void {
  into.size += 1;
  if (head === undefined) {
    into.waiting.push(one);
    return;
  }
  const child = into.groups.get(head) ?? group<T>();
  into.groups.set(head, child);
  put(child, rest, one);
}

function takeNext<T>(from: Group<T>): T | undefined {
  if (from.size === 0) return undefined;
  from.size -= 1;
  const [first] = from.groups;
  if (!first) return from.waiting.shift();
  const [name, child] = first;
  const one = takeNext(child);
  from.groups.delete(name);
  if (child.size > 0) from.groups.set(name, child);
  return one;
}

// Nobody's only place is taken from them: the group must have two more than who comes.
function makeRoom<T>(from: Group<T>, [head, ...rest]: Path): T | null {
  if (head === undefined) return null;
  const [name, largest] = [...from.groups].reduce((a, b) => (b[1].size > a[1].size ? b : a));
  const own = from.groups.get(head);
  let displaced: T | null;
  if (largest.size > (own?.size ?? 0) + 1) displaced = takeNewest(largest);
  else displaced = own ? makeRoom(own, rest) : null;
  if (displaced === null) return null;
  from.size -= 1;
  if (largest.size === 0) from.groups.delete(name);
  return displaced;
}

function takeNewest<T>(from: Group<T>): T | null {
  from.size -= 1;
  if (from.groups.size === 0) return from.waiting.pop() ?? null;
  const [name, largest] = [...from.groups].reduce((a, b) => (b[1].size >= a[1].size ? b : a));
  const one = takeNewest(largest);
  if (largest.size === 0) from.groups.delete(name);
  return one;
}
