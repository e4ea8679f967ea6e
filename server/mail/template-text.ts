export type TemplatePart = 'subject' | 'text' | 'html';

export const PLACEHOLDER = /\{\{\s*([A-Za-z]+)\s*\}\}/g;

// Between these and what is beside them nothing parts one word from the next.
const WITHIN_A_LINE = /<\/?(?:strong|em|code|a)(?:[\s/][^<>]*)?>/g;
/** What nobody sees, and a mail program may or may not look over. */
export const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
const ANY_TAG = /<[^<>]*>/g;

/** What a reader sees of that part of a template, its variables as they are written there. */
export function asRead(template: string, part: TemplatePart): string {
  const text = part === 'html' ? characters(template.replace(WITHIN_A_LINE, '').replace(ANY_TAG, '\n')).text : template;
  return text.replace(PLACEHOLDER, (_whole, name: string) => `{{${name}}}`);
}

/** Names of characters in this HTML that say a character which is not known here; only what is harmless is. */
export function unknownCharacters(html: string): string[] {
  return characters(html).unknown;
}

// What comes next may be read as a part of these; a single letter, as in R&D, begins no name that needs no end.
const WITHOUT_END = /&(?:#x?[0-9a-z]*|[a-z][a-z0-9]+)(?![0-9a-z;])|&[#a-z0-9]*(?=\{\{)/gi;

/** Names and numbers of characters in this HTML that do not end with a semicolon. */
export function unendedCharacters(html: string): string[] {
  return [...html.matchAll(WITHOUT_END)].map(([whole]) => whole);
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', shy: '\u00ad' },
  ...{ ndash: '–', mdash: '—', hellip: '…', bull: '•', middot: '·', euro: '€', copy: '©', reg: '®', sect: '§' },
  ...{ lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“', rdquo: '”', bdquo: '„', laquo: '«', raquo: '»' },
  ...{ lsaquo: '‹', rsaquo: '›', iexcl: '¡', iquest: '¿', deg: '°', trade: '™', szlig: 'ß', rarr: '→', larr: '←' },
  ...{ aelig: 'æ', AElig: 'Æ', oelig: 'œ', OElig: 'Œ', aring: 'å', Aring: 'Å', eth: 'ð', ETH: 'Ð' },
  ...{ thorn: 'þ', THORN: 'Þ' },
};
const LETTER = /^([A-Za-z])(?:acute|grave|circ|uml|tilde|cedil|slash|caron)$/;

function characters(html: string): { text: string; unknown: string[] } {
  const unknown: string[] = [];
  const text = html.replace(/&(?:#(?:x([0-9a-f]+)|(\d+));?|([A-Za-z][A-Za-z0-9]*)(;?))/gi, (...found: string[]) => {
    const [whole = '', hex, decimal, name, end] = found;
    if (name === undefined) {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      // A brace that is spelt so begins no variable.
      return code > 0 && code <= 0x10ffff && !'{}'.includes(String.fromCodePoint(code))
        ? String.fromCodePoint(code)
        : '?';
    }
    // Mail programs make a letter of some that have no end: what stands there parts nothing.
    if (end === '') return name;
    const [, letter] = LETTER.exec(name) ?? [];
    const said = Object.hasOwn(NAMED, name) ? NAMED[name] : letter;
    if (said === undefined) unknown.push(whole);
    return said ?? '';
  });
  return { text, unknown };
}
