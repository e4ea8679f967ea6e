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

export function isLocale(text: string): boolean {
  return LOCALES.some(({ value }) => value === text);
}

// The engine lists these by the names they had decades ago (CLDR keeps its first); people look for the ones of today.
const NAMES_OF_TODAY: Readonly<Record<string, string>> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
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

const KNOWN = new Set([...TIME_ZONES, ...Intl.supportedValuesOf('timeZone')]);

export function isTimeZone(text: string): boolean {
  return KNOWN.has(text);
}
