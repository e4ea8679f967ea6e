/** The names that an attacker would try for this person: username, e-mail address, name, organisation, slug. */
export interface PasswordOwner {
  readonly names: readonly string[];
}

const PRODUCT = 'Gatehouse';
/** Shorter than this, a name is part of too many ordinary words to be refused inside one ("Ann" in "channel"). */
const INSIDE_A_WORD = 4;
/** Shorter than this, a name spelt backwards is too often an ordinary word. */
const BACKWARDS = 5;

/** Whether a password holds one of the owner's names or the product's: in any case, accented or not, with 4 for a or 0 for o, or backwards. */
export function containsName(password: string, owner: PasswordOwner): boolean {
  const plain = fold(password);
  const skeleton = skeletonOf(plain);
  return forbiddenNames(owner).some((name) => {
    if (name.length < INSIDE_A_WORD) return standsAlone(plain, name);
    if (plain.includes(name)) return true;
    // A name of digits alone would turn into letters here, and match words it has nothing to do with.
    if (!/\p{L}/u.test(name)) return false;
    const shape = skeletonOf(name);
    return skeleton.includes(shape) || (shape.length >= BACKWARDS && skeleton.includes(reverse(shape)));
  });
}

/** The owner's names and the product's as they are looked for: folded, whole and in parts, at least three characters each. */
function forbiddenNames(owner: PasswordOwner): string[] {
  const found = new Set<string>();
  for (const name of [...owner.names, PRODUCT]) {
    const whole = fold(name).trim();
    // A domain is not split: "mail" and "example" belong to everybody.
    const [local = '', domain] = whole.split('@');
    for (const text of [whole, local, local.replace(NOT_WORD, '')]) if (text.length >= 3) found.add(text);
    for (const part of local.split(NOT_WORD)) if (part.length >= INSIDE_A_WORD) found.add(part);
    if (domain !== undefined && domain.length >= INSIDE_A_WORD) found.add(domain);
  }
  return [...found];
}

const NOT_WORD = /[^\p{L}\p{N}]+/gu;

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Characters that stand in for one another become one: what is left is how a name looks. */
function skeletonOf(folded: string): string {
  return folded.replace(/[013456789l!|@$+€]/g, (character) => LOOKS_LIKE[character] ?? character);
}

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  l: 'i',
  '!': 'i',
  '|': 'i',
  '@': 'a',
  $: 's',
  '+': 't',
  '€': 'e',
};

function standsAlone(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(0, at);
    const after = text.slice(at + name.length);
    if (!/\p{L}$/u.test(before) && !/^\p{L}/u.test(after)) return true;
  }
  return false;
}

function reverse(text: string): string {
  return Array.from(text).reverse().join('');
}
