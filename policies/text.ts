/** Text that people type and paste: one place where it is made tidy, one where two spellings are made one. Pure. */

// What nobody sees: joiners, fillers, selectors, tags, soft hyphens, marks of direction, the blank of Braille. The number
// signs of Arabic and its like are format characters, too, and seen.
const VISIBLE_FORMATS = '\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u{110bd}\\u{110cd}';
const HIDDEN = `(?![${VISIBLE_FORMATS}])[\\p{Default_Ignorable_Code_Point}\\p{Cf}\\u2800]`;
const ALL_HIDDEN = new RegExp(HIDDEN, 'gu');
export const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

// Where a hidden character is part of the spelling: joiners inside Persian and Indic words and between emoji, the
// selector of an emoji or a keycap, the variants of ideographs and of Mongolian letters.
const JOINED = ['Arab', 'Syrc', 'Nkoo', 'Mong', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym']
  .concat(['Sinh', 'Khmr', 'Mymr', 'Tibt'])
  .map((script) => `\\p{sc=${script}}`)
  .join('');
const SPELT = [
  `(?<=[${JOINED}\\p{Mn}\\p{Mc}])[\\u200c\\u200d](?=[${JOINED}])`,
  '(?<=\\p{ExtPict}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)\\u200d(?=\\p{ExtPict})',
  '(?<=\\p{ExtPict})[\\ufe0e\\ufe0f]',
  '(?<=[0-9#*])\\ufe0f(?=\\u20e3)',
  '(?<=\\p{sc=Hani})[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]',
  '(?<=\\p{sc=Mong})[\\u180b-\\u180d\\u180f]',
].join('|');
// What turns text around stays, for it is refused with the reason rather than taken out.
const ONLY_HIDING = new RegExp(`(?=${HIDDEN})(?!${SPELT}|${TURNING.source})[^]`, 'gu');

/**
 * Text as it is kept: composed (NFC), each white space a plain one, none of it at the ends, no mark before its first
 * letter (it would stand on what is written before), and without characters that only hide. What cannot be kept at all is `textProblem`'s to tell.
 */
export function tidy(typed: string): string {
  return normalised(
    normalised(typed, 'NFC')
      .replace(ONLY_HIDING, '')
      .replace(/\p{Zs}/gu, ' '),
    'NFC',
  )
    .replace(/^[\p{M}\s]+/u, '')
    .trim();
}

// No language puts as many on one letter (Unicode Standard Annex 15, 13); the two beside the marks become some by NFKC.
const HEAP = /([\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]+/gu;

/**
 * A text in one of Unicode's forms, in a time that grows with its length: the engine's own puts the marks on a letter in
 * their order in the square of how many there are, a second for those of one request. What goes beyond thirty is cut.
 */
export function normalised(text: string, form: 'NFC' | 'NFD' | 'NFKC'): string {
  return text.replace(HEAP, '$1').normalize(form);
}

// A rest that is only a musical sign without a picture, an object that is not there, or somebody's private letters.
const SOMETHING_SEEN = /[^\p{M}\s\p{Co}\u{1d159}\ufffc]/u;

/** The same, and nothing at all where nobody would see any of it: what is called so would be a line without text. */
export function tidyLine(typed: string): string {
  const text = tidy(typed);
  return SOMETHING_SEEN.test(text) ? text : '';
}

/** Whether one letter carries so many marks that they run over the lines around it. No language needs more than six. */
export function heapsMarks(text: string): boolean {
  return /[\p{Mn}\p{Me}]{7}/u.test(normalised(text, 'NFD'));
}

/** Without what nobody sees, and in plain width: for what is no text of a language. */
export function bareOf(typed: string): string {
  return normalised(typed.replace(ALL_HIDDEN, ''), 'NFKC');
}

/** Whether a character stands in it that nobody sees. */
export function hides(text: string): boolean {
  return text.search(ALL_HIDDEN) >= 0;
}

/**
 * What two spellings have in common that people take for one: NFKC, every case (`ß` is `ss`, `ς` is `σ`, the four `i` of
 * Turkish are one), no hidden characters, single spaces. Only for comparing.
 */
export function fold(typed: string): string {
  // Twice: what one rule makes, another may still have to fold.
  return foldOnce(foldOnce(typed));
}

function foldOnce(text: string): string {
  // By way of the capitals: `ẞ` becomes `ß` becomes `SS`, which no single step does.
  const small = bareOf(text).toLowerCase().toUpperCase().toLowerCase();
  return normalised(small.replace(/ς/gu, 'σ').replace(/ı|i\u0307/gu, 'i'), 'NFKC')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Folded, and without the marks on letters, so that people find Ødegård under `odegard`. Only for looking up and sorting. */
export function plainLetters(typed: string): string {
  return normalised(fold(typed), 'NFD')
    .replace(/[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/gu, '')
    .replace(/[øłđðħæœþŧ]/gu, (letter) => WHOLE_LETTERS[letter] ?? letter)
    .normalize('NFC')
    .trim();
}

// Letters whose stroke or second half Unicode does not take apart.
const WHOLE_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
};

/** Whether these letters are of one script, or of those that are written together: Japanese, Korean, Chinese, each with Latin. */
export function isOneScript(text: string): boolean {
  return WRITTEN_TOGETHER.some((scripts) => scripts.test(text));
}

// Unicode Technical Standard 39, "highly restrictive"; the scripts are those of today (Annex 31, recommended and limited).
const TOGETHER = ['Latn Hani Hira Kana', 'Latn Hani Hang', 'Latn Hani Bopo'];
const TODAY =
  'Latn Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hebr Khmr Knda Laoo Mlym Mymr Orya Sinh Taml Telu Thaa Thai ' +
  'Tibt Adlm Bali Bamu Batk Cakm Cans Cham Cher Hmnp Java Kali Lana Lepc Limb Lisu Mand Mong Mtei Newa Nkoo Olck Osge ' +
  'Plrd Rohg Saur Sund Sylo Syrc Tale Talu Tavt Tfng Vaii Wcho Yiii';
const WRITTEN_TOGETHER = [...TODAY.split(' '), ...TOGETHER].map((scripts) => {
  const letters = scripts.split(' ').map((script) => `\\p{scx=${script}}`);
  return new RegExp(`^[${letters.join('')}\\p{scx=Zyyy}\\p{scx=Zinh}]*$`, 'u');
});
