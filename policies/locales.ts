/** The languages that dates and numbers can be written in, in the order of the list; each is a BCP 47 tag. */
export const LOCALES = [
  { value: 'en', label: 'English' },
  { value: 'en-GB', label: 'English (United Kingdom)' },
  { value: 'en-US', label: 'English (United States)' },
  { value: 'de', label: 'Deutsch' },
  { value: 'fr', label: 'Français' },
  { value: 'es', label: 'Español' },
  { value: 'it', label: 'Italiano' },
  { value: 'nl', label: 'Nederlands' },
  { value: 'pt-BR', label: 'Português (Brasil)' },
  { value: 'sv', label: 'Svenska' },
  { value: 'pl', label: 'Polski' },
  { value: 'ja', label: '日本語' },
] as const;

/** The languages that mails can be worded in: those of the list above, without regions. */
export const TEMPLATE_LANGUAGES = LOCALES.filter(({ value }) => !/-(GB|US)$/.test(value)).map(({ value, label }) => ({
  value: value.slice(0, 2),
  label: label.replace(/ \(.*/, ''),
}));

export function isLocale(text: string): boolean {
  return LOCALES.some(({ value }) => value === text);
}

// The engine lists these by the names they had decades ago (CLDR keeps its first); people look for the ones of today.
const NAMES_OF_TODAY: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** Every time zone of the IANA database that this engine can reckon with, UTC first. */
export const TIME_ZONES: readonly string[] = [
  'UTC',
  ...Intl.supportedValuesOf('timeZone')
    .map((zone) => NAMES_OF_TODAY[zone] ?? zone)
    .filter((zone) => zone !== 'UTC')
    .sort(),
];

// Ships keep an hour of their own: Etc/GMT+5 is five hours behind, and in a list people would take it for the opposite.
const OF_SHIPS = /^Etc\/GMT[+-]\d{1,2}$/;
const KNOWN = new Set(TIME_ZONES);

/** The zone of this name as the list has it, in whatever case and by whatever alias of the IANA database; null when there is none. */
export function timeZoneCalled(typed: string): string | null {
  const name = typed.trim().replace(/ /g, '_');
  // The engine takes `+02:00` as well, which is the offset of a moment and not a zone.
  if (!/^[a-z][\w+-]*(\/[\w+-]+)*$/i.test(name)) return null;
  try {
    const zone = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    const today = NAMES_OF_TODAY[zone] ?? zone;
    return KNOWN.has(today) || OF_SHIPS.test(today) ? today : null;
  } catch {
    return null;
  }
}
